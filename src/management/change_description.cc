// The edited description file of a service, applied to its draft: a merge of three. What the editor
// left as our own file says it stays as it is, with all that a file has no words for.
#include <algorithm>
#include <iterator>
#include <limits>
#include <utility>

#include "management/description_file.h"
#include "management/draft.h"
#include "management/openapi_mapping.h"
#include "management/steps.h"
#include "model/rules.h"
#include "openapi/read.h"
#include "openapi/write.h"

namespace lintel::management {

namespace {

using data::Json;

/// A file, and how each of its operations reads as an API.
struct ReadFile {
    openapi::Document document = {};
    MappedDefinition mapped = {};
    std::vector<ImportWarning> warnings = {};

    bool has_extension(std::size_t api) const {
        const auto operation = std::ranges::find(document.operations, mapped.pointers[api],
                                                 &openapi::Operation::pointer);
        return operation != document.operations.end() && operation->extension.has_value();
    }
};

std::string address_of(const model::ApiDefinition& api) {
    return std::string(name(api.method)) + " " + model::path_shape(api.path);
}

const model::ApiDefinition* find_address(const model::ServiceDefinition& definition,
                                         const std::string& address) {
    const auto found = std::ranges::find(definition.apis, address, address_of);
    return found == definition.apis.end() ? nullptr : &*found;
}

/// Who may not edit has no file read; and nobody's file is read while the store waits for it.
Result<ReadFile> read_edited(Management& m, const Caller& caller, const DescriptionEdit& edit) {
    {
        ASSIGN_OR_RETURN(store::Transaction tx, m.store.read());
        RETURN_IF_ERROR(
            load_service(tx, caller, Permission::WriteService, edit.service, edit.expected));
    }
    ASSIGN_OR_RETURN(openapi::ImportResult file,
                     openapi::read(edit.text,
                                   edit.format == FileFormat::Json ? openapi::Format::Json
                                                                   : openapi::Format::Yaml,
                                   {.max_bytes = m.settings.import_max_bytes,
                                    .max_operations = model::kMaxApis,
                                    .max_parameters = model::kMaxParameters}));
    ReadFile read{.document = std::move(file.document)};
    // Where the service itself is called is no backend of a new API.
    std::erase_if(read.document.servers, [&](const openapi::Server& server) {
        return server.url.starts_with(m.settings.call_base + "/");
    });
    ASSIGN_OR_RETURN(read.mapped, definition_of(read.document));
    for (const Fault& warning : file.warnings) {
        read.warnings.push_back({warning.pointer, warning.detail});
    }
    std::ranges::move(read.mapped.warnings, std::back_inserter(read.warnings));
    return read;
}

/// What our own file of the definition reads back as. A service without APIs has none that reads.
model::ServiceDefinition read_back(const model::ServiceDefinition& definition,
                                   bool with_extensions) {
    const Json own =
        openapi::write(document_of(definition, "draft", {}), {.with_extensions = with_extensions});
    const auto file = openapi::read(data::dump(own), openapi::Format::Json,
                                    {.max_bytes = std::numeric_limits<std::size_t>::max(),
                                     .max_operations = model::kMaxApis,
                                     .max_parameters = model::kMaxParameters,
                                     .service_name = definition.name});
    if (!file) { return {}; }
    auto mapped = definition_of(file->document);
    return mapped ? std::move(mapped->definition) : model::ServiceDefinition{};
}

/// Takes the member of the file when the editor changed it.
void take_changed(Json& ours, const Json& theirs, const Json& base, const std::string& member) {
    if (!data::equal(theirs.at(member), base.at(member))) { ours[member] = theirs.at(member); }
}

const Json* row_of_code(const Json& rows, const Json& code) {
    const auto found =
        std::ranges::find_if(rows, [&](const Json& row) { return row.at("code") == code; });
    return found == rows.end() ? nullptr : &*found;
}

/// The rows of the file; one the editor left alone is ours, and none of ours loses its conversion.
Json merged_error_codes(const Json& ours, const Json& theirs, const Json& base) {
    Json merged = Json::array();
    for (const Json& row : theirs) {
        const Json* const own = row_of_code(ours, row.at("code"));
        const Json* const known = row_of_code(base, row.at("code"));
        if (known != nullptr && data::equal(row, *known)) {
            if (own != nullptr) { merged.push_back(*own); }
            continue;
        }
        merged.push_back(row);
        if (own == nullptr) { continue; }
        for (const char* member : {"converted_code", "convert"}) {
            merged.back()[member] = own->at(member);
        }
    }
    return merged;
}

Json merged_responses(Json ours, const Json& theirs, const Json& base) {
    for (const auto& member : theirs.items()) {
        if (member.key() == "error_codes") {
            if (!data::equal(member.value(), base.at("error_codes"))) {
                ours["error_codes"] = merged_error_codes(ours.at("error_codes"), member.value(),
                                                         base.at("error_codes"));
            }
            continue;
        }
        take_changed(ours, theirs, base, member.key());
    }
    return ours;
}

/// Body parameters written row by row are a schema in a file: while that is left alone, they stay.
void keep_body_rows(Json& merged, const Json& ours, const Json& theirs, const Json& base) {
    if (!data::equal(theirs.at("body"), base.at("body")) ||
        data::equal(theirs.at("parameters"), base.at("parameters"))) {
        return;
    }
    for (const Json& row : ours.at("parameters")) {
        if (row.at("location") == "body") { merged["parameters"].push_back(row); }
    }
}

Result<model::ApiDefinition> merged_api(const model::ApiDefinition& ours,
                                        const model::ApiDefinition& theirs,
                                        const model::ApiDefinition& base, bool has_extension) {
    const Json own = model::to_json(ours);
    const Json file = model::to_json(theirs);
    const Json known = model::to_json(base);
    Json merged = own;
    for (const char* member :
         {"name", "description", "group", "path", "auth", "parameters", "body"}) {
        take_changed(merged, file, known, member);
    }
    merged["responses"] =
        merged_responses(own.at("responses"), file.at("responses"), known.at("responses"));
    if (has_extension) {
        for (const char* member : {"policies", "backend", "mapping", "labels"}) {
            take_changed(merged, file, known, member);
        }
    } else {
        keep_body_rows(merged, own, file, known);
    }
    return model::api_definition_from_json(merged);
}

Result<model::ServiceDefinition> merged_service(const model::ServiceDefinition& ours,
                                                const model::ServiceDefinition& theirs,
                                                const model::ServiceDefinition& base) {
    Json merged = basics_to_json(ours);
    const Json file = basics_to_json(theirs);
    const Json known = basics_to_json(base);
    for (const auto& member : file.items()) {
        if (member.key() != "api_groups") { take_changed(merged, file, known, member.key()); }
    }
    ASSIGN_OR_RETURN(model::ServiceDefinition definition,
                     model::service_definition_from_json(merged));
    definition.components =
        data::equal(theirs.components, base.components) ? ours.components : theirs.components;
    return definition;
}

/// The definition the draft is to have; its pointers lead into the file.
Result<MappedDefinition> merge(const model::ServiceDefinition& ours, const ReadFile& file) {
    const model::ServiceDefinition& theirs = file.mapped.definition;
    const model::ServiceDefinition plain = read_back(ours, false);
    const model::ServiceDefinition extended = read_back(ours, true);
    const bool has_extension = file.document.extension.has_value();
    MappedDefinition merged;
    ASSIGN_OR_RETURN(merged.definition,
                     merged_service(ours, theirs, has_extension ? extended : plain));
    const auto add = [&](model::ApiDefinition api, std::size_t from) {
        merged.definition.apis.push_back(std::move(api));
        merged.pointers.push_back(file.mapped.pointers[from]);
    };
    for (const model::ApiDefinition& own : ours.apis) {
        const std::string address = address_of(own);
        const model::ApiDefinition* const edited = find_address(theirs, address);
        if (edited == nullptr) { continue; }
        const auto at = static_cast<std::size_t>(edited - theirs.apis.data());
        const bool is_extended = file.has_extension(at);
        const model::ApiDefinition* const base =
            find_address(is_extended ? extended : plain, address);
        ASSIGN_OR_RETURN(model::ApiDefinition api,
                         merged_api(own, *edited, base == nullptr ? own : *base, is_extended));
        add(std::move(api), at);
    }
    for (std::size_t i = 0; i < theirs.apis.size(); ++i) {
        if (find_address(ours, address_of(theirs.apis[i])) == nullptr) { add(theirs.apis[i], i); }
    }
    return merged;
}

}  // namespace

Result<Written<DescriptionChange>> change_description(Management& m, const Caller& caller,
                                                      const DescriptionEdit& edit) {
    ASSIGN_OR_RETURN(ReadFile file, read_edited(m, caller, edit));
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.begin());
    ASSIGN_OR_RETURN(model::Service service, load_service(tx, caller, Permission::WriteService,
                                                          edit.service, edit.expected));
    ASSIGN_OR_RETURN(model::Draft draft, load_draft(tx, service));
    ASSIGN_OR_RETURN(MappedDefinition merged, merge(draft.definition, file));
    const model::ServiceDefinition before =
        std::exchange(draft.definition, std::move(merged.definition));
    complete(draft.definition, before);
    DescriptionChange change{.changes = compare(m.kinds, before, draft.definition),
                             .warnings = std::move(file.warnings)};
    if (edit.dry_run || change.changes.is_empty()) {
        if (const Status good = check_definition(m, tx, service.gateway_id, draft.definition);
            !good) {
            return fail(as_file_error(good.error(), merged.pointers));
        }
        ASSIGN_OR_RETURN(change.service, view_service(tx, service));
        return Written<DescriptionChange>{std::move(change), m.publisher.revision()};
    }
    if (const Status written = write_draft(m, tx, caller, service, draft); !written) {
        return fail(as_file_error(written.error(), merged.pointers));
    }
    RETURN_IF_ERROR(record(tx, m, caller, "service.change_description", subject_of(service),
                           {nullptr, to_json(change.changes)}));
    ASSIGN_OR_RETURN(change.service, view_service(tx, service));
    RETURN_IF_ERROR(tx.commit());
    return Written<DescriptionChange>{std::move(change), m.publisher.revision()};
}

}  // namespace lintel::management
