#include <algorithm>
#include <set>

#include "management/domain_rules.h"
#include "management/domain_view.h"
#include "management/steps.h"

namespace lintel::management {

namespace {

constexpr std::size_t kMaxDomainCertificates = 2;

/// An edit on its way into a domain: names become ids, and everything that is wrong is collected.
/// Lives on the stack of a use case.
class Application {
public:
    Application(store::Transaction& tx, model::Domain& domain) : tx_(tx), domain_(domain) {}

    Status apply(const DomainEdit& edit) {
        if (edit.mappings) { RETURN_IF_ERROR(take_mappings(*edit.mappings)); }
        if (edit.certificates) { RETURN_IF_ERROR(take_certificates(*edit.certificates)); }
        domain_.min_tls_version = edit.min_tls_version.value_or(domain_.min_tls_version);
        domain_.redirect_to_https = edit.redirect_to_https.value_or(domain_.redirect_to_https);
        domain_.client_certificates =
            edit.client_certificates.value_or(domain_.client_certificates);
        if (faults_.empty()) { RETURN_IF_ERROR(check_certificates()); }
        return faults_.empty() ? Status{} : fail(invalid_fields(std::move(faults_)));
    }

private:
    void fault(std::string pointer, std::string code, std::string detail) {
        faults_.push_back({std::move(pointer), std::move(code), std::move(detail)});
    }

    Status take_mappings(const std::vector<MappingText>& mappings) {
        domain_.mappings.clear();
        std::set<std::string> prefixes;
        for (std::size_t i = 0; i < mappings.size(); ++i) {
            const MappingText& text = mappings[i];
            const std::string pointer = data::child_pointer("/mappings", i);
            if (const std::string_view wrong = model::fault_of_path_prefix(text.prefix);
                !wrong.empty()) {
                fault(pointer + "/prefix", "domain.prefix", std::string(wrong));
            } else if (!prefixes.insert(text.prefix).second) {
                fault(pointer + "/prefix", "domain.prefix", "is mapped twice");
            }
            RETURN_IF_ERROR(take_mapping(text, pointer));
        }
        if (mappings.empty() || mappings.size() > model::kMaxPathMappings) {
            fault("/mappings", "field.count", "must list 1 to 50 mappings");
        }
        std::ranges::sort(domain_.mappings, {}, &model::PathMapping::prefix);
        return {};
    }

    /// A name nobody has is a fault; any other error of the store ends it all.
    Status take_mapping(const MappingText& text, const std::string& pointer) {
        const Result<model::Service> service = tx_.services().get(domain_.gateway_id, text.service);
        if (!service && service.error().code != Code::NotFound) {
            return std::unexpected(service.error());
        }
        if (!service) {
            fault(pointer + "/service", "service.unknown", "is no service of the gateway");
        }
        const Result<model::Environment> environment =
            load_environment(tx_, domain_.gateway_id, text.environment);
        if (!environment && environment.error().code != Code::NotFound) {
            return std::unexpected(environment.error());
        }
        if (!environment) {
            fault(pointer + "/environment", "environment.unknown", "is no environment");
        }
        if (!service || !environment) { return {}; }
        domain_.mappings.push_back(
            {.prefix = text.prefix, .service_id = service->id, .environment_id = environment->id});
        return {};
    }

    Status take_certificates(const std::vector<std::string>& certificates) {
        domain_.certificates.clear();
        if (certificates.size() > kMaxDomainCertificates) {
            fault("/certificates", "field.count", "may list one RSA and one ECC certificate");
            return {};
        }
        for (std::size_t i = 0; i < certificates.size(); ++i) {
            const Result<model::Certificate> found =
                tx_.certificates().get(domain_.gateway_id, certificates[i], store::Secrets::Sealed);
            if (!found && found.error().code != Code::NotFound) {
                return std::unexpected(found.error());
            }
            if (found) {
                domain_.certificates.push_back(found->id);
            } else {
                fault(data::child_pointer("/certificates", i), "certificate.unknown",
                      "is no certificate of the gateway");
            }
        }
        return {};
    }

    Status check_certificates() {
        std::vector<model::Certificate> certificates;
        for (const model::CertificateId& id : domain_.certificates) {
            ASSIGN_OR_RETURN(certificates.emplace_back(),
                             tx_.certificates().get(id, store::Secrets::Sealed));
        }
        faults_ = faults_of(domain_, certificates);
        return {};
    }

    store::Transaction& tx_;
    model::Domain& domain_;
    std::vector<Fault> faults_;
};

Status require_free_name(store::Transaction& tx, const std::string& name) {
    ASSIGN_OR_RETURN(const bool taken, tx.domains().name_exists(name));
    if (!taken) { return {}; }
    return fail({.code = Code::NameTaken,
                 .message = "There is already a domain '" + name + "'.",
                 .faults = {{"/name", "name.taken", "is a domain already"}}});
}

std::uint64_t refresh(Management& m) {
    return m.publisher.refresh({.kind = Change::Kind::Domains});
}

}  // namespace

Result<Written<DomainView>> create_domain(Management& m, const Caller& caller,
                                          const std::string& name, const DomainEdit& settings) {
    RETURN_IF_ERROR(caller.require(Permission::WriteDomain));
    model::Domain domain;
    ASSIGN_OR_RETURN(domain.name, model::canonical_domain_name(name));
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.begin());
    ASSIGN_OR_RETURN(const model::Gateway gateway, gateway_of(tx, caller));
    RETURN_IF_ERROR(require_free_name(tx, domain.name));
    domain.id = model::DomainId(make_id("dom"));
    domain.gateway_id = gateway.id;
    domain.created_at = m.clock.now_ms();
    domain.created_by = caller.name();
    domain.updated_at = domain.created_at;
    RETURN_IF_ERROR(Application(tx, domain).apply(settings));
    RETURN_IF_ERROR(tx.domains().add(domain));
    ASSIGN_OR_RETURN(DomainView view, view_domain(tx, caller, domain));
    RETURN_IF_ERROR(
        record(tx, m, caller, "domain.create", subject_of(domain), {nullptr, to_json(view)}));
    RETURN_IF_ERROR(tx.commit());
    return Written<DomainView>{std::move(view), refresh(m)};
}

Result<Written<DomainView>> edit_domain(Management& m, const Caller& caller,
                                        const std::string& domain, const DomainEdit& edit,
                                        ExpectedVersion expected) {
    RETURN_IF_ERROR(caller.require(Permission::WriteDomain));
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.begin());
    ASSIGN_OR_RETURN(model::Domain found, load_domain(tx, caller, domain, expected));
    ASSIGN_OR_RETURN(const DomainView before, view_domain(tx, caller, found));
    RETURN_IF_ERROR(Application(tx, found).apply(edit));
    ++found.version;
    found.updated_at = m.clock.now_ms();
    RETURN_IF_ERROR(tx.domains().save(found));
    ASSIGN_OR_RETURN(DomainView view, view_domain(tx, caller, found));
    RETURN_IF_ERROR(
        record(tx, m, caller, "domain.edit", subject_of(found), {to_json(before), to_json(view)}));
    RETURN_IF_ERROR(tx.commit());
    return Written<DomainView>{std::move(view), refresh(m)};
}

Result<Written<DomainView>> delete_domain(Management& m, const Caller& caller,
                                          const std::string& domain, ExpectedVersion expected) {
    RETURN_IF_ERROR(caller.require(Permission::WriteDomain));
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.begin());
    ASSIGN_OR_RETURN(const model::Domain found, load_domain(tx, caller, domain, expected));
    ASSIGN_OR_RETURN(DomainView view, view_domain(tx, caller, found));
    RETURN_IF_ERROR(tx.domains().remove(found.id));
    RETURN_IF_ERROR(record(tx, m, caller, "domain.delete", subject_of(found), {to_json(view)}));
    RETURN_IF_ERROR(tx.commit());
    return Written<DomainView>{std::move(view), refresh(m)};
}

}  // namespace lintel::management
