// Custom domains and certificates.
#include "admin/bindings.h"

#include <fmt/core.h>

#include "management/certificates.h"
#include "management/domains.h"

namespace lintel::admin {

namespace {

using data::Json;

// ---- certificates -------------------------------------------------------------------------------

management::CertificateUpload upload_in(const Call& call) {
    return {.certificate = call.body_text("certificate").value_or(""),
            .key = Secret(data::find_string(call.body, "key")),
            .authorities = call.body_text("authorities").value_or("")};
}

Result<Answer> list_certificates(const Call& call) {
    ASSIGN_OR_RETURN(const auto page,
                     management::list_certificates(call.management, *call.caller, call.page()));
    return page_answer(page, [](const model::Certificate& item) { return model::to_json(item); });
}

Result<Answer> create_certificate(const Call& call) {
    ASSIGN_OR_RETURN(const auto written,
                     management::create_certificate(
                         call.management, *call.caller,
                         {.name = call.body_text("name").value_or(""), .upload = upload_in(call)}));
    Answer answer = Answer::created(
        model::to_json(written.value),
        fmt::format("{}/certificates/{}", call.gateway_path(), written.value.id.str()),
        written.revision);
    answer.version = written.value.version;
    return answer;
}

Result<Answer> show_certificate(const Call& call) {
    ASSIGN_OR_RETURN(
        const model::Certificate certificate,
        management::show_certificate(call.management, *call.caller, call.path_text("certificate")));
    return Answer::shown(model::to_json(certificate), certificate.version);
}

Result<Answer> replace_certificate(const Call& call) {
    ASSIGN_OR_RETURN(const auto written,
                     management::replace_certificate(call.management, *call.caller,
                                                     call.path_text("certificate"), upload_in(call),
                                                     call.expected));
    return Answer::written(model::to_json(written.value), written.value.version, written.revision);
}

Result<Answer> delete_certificate(const Call& call) {
    ASSIGN_OR_RETURN(const auto written,
                     management::delete_certificate(call.management, *call.caller,
                                                    call.path_text("certificate"), call.expected));
    return Answer::gone(written.revision);
}

// ---- domains ------------------------------------------------------------------------------------

std::vector<management::MappingText> mappings_in(const Json& list) {
    std::vector<management::MappingText> mappings;
    for (const Json& item : list) {
        mappings.push_back({.prefix = std::string(data::find_string(item, "prefix")),
                            .service = std::string(data::find_string(item, "service")),
                            .environment = std::string(data::find_string(item, "environment"))});
    }
    return mappings;
}

std::optional<bool> flag_in(const Json& body, std::string_view name) {
    const Json* const flag = data::find(body, name);
    return flag == nullptr ? std::nullopt : std::optional(flag->get<bool>());
}

management::DomainEdit edit_in(const Call& call) {
    management::DomainEdit edit;
    if (const Json* mappings = data::find(call.body, "mappings")) {
        edit.mappings = mappings_in(*mappings);
    }
    if (const Json* certificates = data::find(call.body, "certificates")) {
        edit.certificates = certificates->get<std::vector<std::string>>();
    }
    if (const auto version = call.body_text("min_tls_version")) {
        edit.min_tls_version = model::parse_tls_version(*version);
    }
    edit.redirect_to_https = flag_in(call.body, "redirect_to_https");
    edit.client_certificates = flag_in(call.body, "client_certificates");
    return edit;
}

Answer domain_answer(const management::Written<management::DomainView>& written) {
    return Answer::written(management::to_json(written.value), written.value.domain.version,
                           written.revision);
}

Result<Answer> list_domains(const Call& call) {
    ASSIGN_OR_RETURN(const auto page,
                     management::list_domains(call.management, *call.caller, call.page()));
    return page_answer(
        page, [](const management::DomainView& item) { return management::to_json(item); });
}

Result<Answer> create_domain(const Call& call) {
    ASSIGN_OR_RETURN(const auto written,
                     management::create_domain(call.management, *call.caller,
                                               call.body_text("name").value_or(""), edit_in(call)));
    return domain_answer(written).made_at(
        fmt::format("{}/domains/{}", call.gateway_path(), written.value.domain.id.str()));
}

Result<Answer> show_domain(const Call& call) {
    ASSIGN_OR_RETURN(
        const management::DomainView view,
        management::show_domain(call.management, *call.caller, call.path_text("domain")));
    return Answer::shown(management::to_json(view), view.domain.version);
}

Result<Answer> edit_domain(const Call& call) {
    ASSIGN_OR_RETURN(const auto written, management::edit_domain(call.management, *call.caller,
                                                                 call.path_text("domain"),
                                                                 edit_in(call), call.expected));
    return domain_answer(written);
}

Result<Answer> delete_domain(const Call& call) {
    ASSIGN_OR_RETURN(const auto written,
                     management::delete_domain(call.management, *call.caller,
                                               call.path_text("domain"), call.expected));
    return Answer::gone(written.revision);
}

}  // namespace

std::vector<Binding> domain_bindings() {
    return {
        {"listCertificates", list_certificates},
        {"createCertificate", create_certificate},
        {"showCertificate", show_certificate},
        {"replaceCertificate", replace_certificate},
        {"deleteCertificate", delete_certificate},
        {"listDomains", list_domains},
        {"createDomain", create_domain},
        {"showDomain", show_domain},
        {"editDomain", edit_domain},
        {"deleteDomain", delete_domain},
    };
}

}  // namespace lintel::admin
