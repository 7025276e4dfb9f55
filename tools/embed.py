#!/usr/bin/python3
"""Turns a file into a C++ constant: embed.py FILE SYMBOL HEADER SOURCE."""
import sys

path, symbol, header, source = sys.argv[1:5]
data = open(path, "rb").read()
with open(header, "w") as out:
    out.write(f"#pragma once\n#include <string_view>\nnamespace lintel::embedded {{\nextern const std::string_view {symbol};\n}}\n")
with open(source, "w") as out:
    out.write(f'#include "{header}"\nnamespace lintel::embedded {{\nnamespace {{\nconst unsigned char kBytes[] = {{')
    for at in range(0, len(data), 32):
        out.write(",".join(str(byte) for byte in data[at : at + 32]) + ",\n")
    out.write("0};\n}\n")
    out.write(f"const std::string_view {symbol}(reinterpret_cast<const char*>(kBytes), {len(data)});\n}}\n")
