#include "management/import_file.h"

#include <algorithm>
#include <cstdlib>
#include <iterator>

#include "management/new_service.h"
#include "management/openapi_mapping.h"
#include "management/steps.h"
#include "model/rules.h"
#include "openapi/read.h"

namespace lintel::management {

namespace {

/// Who may not import has no file read.
Result<model::Project> choose_project(Management& m, const Caller& caller,
                                      const std::optional<std::string>& project) {
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.read());
    return load_project(tx, caller, Permission::WriteService, project);
}

Result<openapi::ImportResult> read_file(const Settings& settings, const ImportRequest& request) {
    const bool is_json = request.format == FileFormat::Json;
    return openapi::read(request.text, is_json ? openapi::Format::Json : openapi::Format::Yaml,
                         {.max_bytes = settings.import_max_bytes,
                          .max_parameters = model::kMaxParameters,
                          .service_name = request.name.value_or("")});
}

/// What the importer asked for wins over the file.
void apply_wishes(const ImportRequest& request, model::ServiceDefinition& definition) {
    if (request.name) { definition.name = *request.name; }
    if (request.group) { definition.group = *request.group; }
    if (!request.policies.empty()) { definition.policies = request.policies; }
    if (!request.mock_backends) { return; }
    for (model::ApiDefinition& api : definition.apis) {
        api.backend = {.kind = "mock"};
        api.mapping = {};
    }
}

/// "Pets", "Pets (2)"...: a file's title need not be new, a name that somebody typed must.
Status make_name_unique(store::Transaction& tx, const model::ProjectId& project,
                        MappedDefinition& mapped) {
    const std::string wanted = mapped.definition.name;
    for (int i = 2;; ++i) {
        ASSIGN_OR_RETURN(
            const std::vector<model::Service> taken,
            tx.services().list({.projects = std::vector{project}, .name = mapped.definition.name},
                               {.after = "", .limit = 1}));
        if (taken.empty()) { return {}; }
        const std::string suffix = " (" + std::to_string(i) + ")";
        if (model::character_count(wanted) + suffix.size() > model::kMaxServiceName) {
            return fail(Code::NameTaken,
                        "A service named '" + wanted + "' exists; give a name with the import.");
        }
        mapped.definition.name = wanted + suffix;
        if (i == 2) {
            mapped.warnings.push_back(
                {"/info/title", "a service of this name exists, so a number was added"});
        }
    }
}

}  // namespace

Error as_file_error(Error error, const std::vector<std::string>& pointers) {
    if (error.code != Code::FieldInvalid) { return error; }
    for (Fault& fault : error.faults) {
        constexpr std::string_view kApis = "/apis/";
        if (!fault.pointer.starts_with(kApis)) { continue; }
        const std::size_t index = std::strtoul(fault.pointer.c_str() + kApis.size(), nullptr, 10);
        if (index >= pointers.size()) { continue; }
        const std::size_t rest = fault.pointer.find('/', kApis.size());
        if (rest != std::string::npos) {
            fault.detail = fault.pointer.substr(rest + 1) + " " + fault.detail;
        }
        fault.pointer = pointers[index];
    }
    error.code = Code::FileInvalid;
    error.message = "The description file cannot be imported: " + error.faults.front().pointer +
                    " " + error.faults.front().detail + ".";
    return error;
}

std::optional<FileFormat> parse_file_format(std::string_view text) {
    if (text == "yaml") { return FileFormat::Yaml; }
    if (text == "json") { return FileFormat::Json; }
    return std::nullopt;
}

Result<Written<ImportResult>> import_file(Management& m, const Caller& caller,
                                          const ImportRequest& request) {
    ASSIGN_OR_RETURN(const model::Project project, choose_project(m, caller, request.project));
    ASSIGN_OR_RETURN(const openapi::ImportResult file, read_file(m.settings, request));
    ASSIGN_OR_RETURN(MappedDefinition mapped, definition_of(file.document));
    apply_wishes(request, mapped.definition);

    ASSIGN_OR_RETURN(store::Transaction tx, m.store.begin());
    if (!request.name) { RETURN_IF_ERROR(make_name_unique(tx, project.id, mapped)); }
    const Result<model::Service> service = add_service(
        m, tx, caller,
        {.definition = mapped.definition, .code = request.code, .project = project.id.str()});
    if (!service) { return fail(as_file_error(service.error(), mapped.pointers)); }
    ImportResult result;
    ASSIGN_OR_RETURN(result.service, view_service(tx, *service));
    result.api_count = mapped.definition.apis.size();
    for (const Fault& warning : file.warnings) {
        result.warnings.push_back({warning.pointer, warning.detail});
    }
    std::ranges::move(mapped.warnings, std::back_inserter(result.warnings));
    RETURN_IF_ERROR(record(tx, m, caller, "service.import", subject_of(*service),
                           {nullptr,
                            {{"apis", result.api_count},
                             {"warnings", result.warnings.size()},
                             {"bytes", request.text.size()}}}));
    RETURN_IF_ERROR(tx.commit());
    return Written<ImportResult>{std::move(result), m.publisher.revision()};
}

}  // namespace lintel::management
