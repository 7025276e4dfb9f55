// Asks an independent validator whether description files are valid OpenAPI 3.0.
//   node validate.mjs PACKAGE_FOLDER      paths on stdin; prints one line per file that is refused; ends with 1 when there is one
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const folder = process.argv[2];
const entry = createRequire(join(folder, "package.json")).resolve("@seriousme/openapi-schema-validator");
const { Validator } = await import(pathToFileURL(entry).href);

// One for all files: it keeps the compiled schema of OpenAPI.
const validator = new Validator();
let refused = 0;
let checked = 0;
for (const path of readFileSync(0, "utf8").split("\n").filter(Boolean)) {
  const result = await validator.validate(JSON.parse(readFileSync(path, "utf8")));
  checked += 1;
  if (result.valid && validator.version === "3.0") continue;
  refused += 1;
  const first = Array.isArray(result.errors) ? result.errors.slice(0, 3) : result.errors;
  console.log(`${path}: version ${validator.version}: ${JSON.stringify(first)}`);
}
console.log(`${checked} files checked, ${refused} refused`);
process.exit(refused > 0 || checked === 0 ? 1 : 0);
