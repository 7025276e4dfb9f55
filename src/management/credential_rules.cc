#include "management/credential_rules.h"

#include <algorithm>

#include "base/assert.h"
#include "base/text.h"
#include "model/rules.h"

namespace lintel::management {

namespace {

constexpr std::size_t kMaxCredentialName = 50;
constexpr std::size_t kMaxAttributes = 20;
constexpr std::size_t kMaxAttributeName = 50;
constexpr std::size_t kMaxAttributeValue = 200;
constexpr std::size_t kMinSecret = 8;
constexpr std::size_t kMaxSecret = 128;

Permission of_service(CredentialAccess access) {
    switch (access) {
        case CredentialAccess::Read: return Permission::ReadCredential;
        case CredentialAccess::Reveal: return Permission::RevealCredential;
        case CredentialAccess::Write:
        case CredentialAccess::Switch: break;
    }
    return Permission::WriteCredential;
}

Permission of_own(CredentialAccess access) {
    switch (access) {
        case CredentialAccess::Read: return Permission::ReadSubscription;
        case CredentialAccess::Reveal: return Permission::RevealSubscription;
        case CredentialAccess::Write:
        case CredentialAccess::Switch: break;
    }
    return Permission::WriteSubscription;
}

/// Whether the caller oversees the credentials of other users that far.
bool oversees(const Caller& caller, CredentialAccess access) {
    switch (access) {
        case CredentialAccess::Read: return caller.require(Permission::ReadUser).has_value();
        case CredentialAccess::Switch: return caller.require(Permission::WriteUser).has_value();
        case CredentialAccess::Write:
        case CredentialAccess::Reveal: break;
    }
    return false;
}

void check_attributes(const std::map<std::string, std::string>& attributes,
                      std::vector<Fault>& faults) {
    if (attributes.size() > kMaxAttributes) {
        faults.push_back({"/attributes", "field.count", "may hold at most 20 attributes"});
    }
    for (const auto& [name, value] : attributes) {
        const std::string pointer = data::child_pointer("/attributes", name);
        if (trim(name).empty() || model::character_count(name) > kMaxAttributeName) {
            faults.push_back({pointer, "field.length", "must have a name of 1 to 50 characters"});
        }
        if (model::character_count(value) > kMaxAttributeValue) {
            faults.push_back({pointer, "field.length", "may have at most 200 characters"});
        }
    }
}

}  // namespace

Result<model::CredentialOwner> load_owner(store::Transaction& tx, const Caller& caller,
                                          CredentialAccess access, const std::string& service) {
    if (service.empty()) {
        RETURN_IF_ERROR(caller.require(of_own(access)));
        LINTEL_ASSERT(!caller.user().id.empty(), "the command line owns no credentials");
        ASSIGN_OR_RETURN(const model::Gateway gateway, gateway_of(tx, caller));
        return model::CredentialOwner{.user_id = caller.user().id, .gateway_id = gateway.id};
    }
    ASSIGN_OR_RETURN(const model::Service found,
                     load_service(tx, caller, of_service(access), service, {}));
    return model::CredentialOwner{.service_id = found.id};
}

Result<model::Credential> load_credential(store::Transaction& tx, const Caller& caller,
                                          CredentialAccess access, const CredentialRef& ref,
                                          store::Secrets secrets) {
    ASSIGN_OR_RETURN(model::CredentialOwner owner, load_owner(tx, caller, access, ref.service));
    if (ref.service.empty() && oversees(caller, access)) { owner.user_id = {}; }
    return tx.credentials().get(owner, ref.credential, secrets);
}

Status check_secret(const Secret& secret, const std::string& pointer) {
    const std::string_view text = secret.reveal();
    const bool is_printable =
        std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; });
    if (text.size() >= kMinSecret && text.size() <= kMaxSecret && is_printable) { return {}; }
    return invalid_field(pointer, "credential.secret",
                         "must be 8 to 128 printable ASCII characters without spaces");
}

Status check_credential_texts(const model::Credential& credential) {
    std::vector<Fault> faults;
    if (trim(credential.name).empty()) {
        faults.push_back({"/name", "field.required", "is required and must not be blank"});
    } else if (model::character_count(credential.name) > kMaxCredentialName) {
        faults.push_back({"/name", "field.length", "may have at most 50 characters"});
    }
    if (model::character_count(credential.description) > model::kMaxDescription) {
        faults.push_back({"/description", "field.length", "may have at most 200 characters"});
    }
    check_attributes(credential.attributes, faults);
    return faults.empty() ? Status{} : fail(invalid_fields(std::move(faults)));
}

Status require_free_credential_name(store::Transaction& tx, const model::Credential& credential) {
    ASSIGN_OR_RETURN(const model::CredentialId holder,
                     tx.credentials().find_by_name(credential.owner, credential.name));
    if (holder.empty() || holder == credential.id) { return {}; }
    const std::string whose = credential.owner.service_id.empty() ? "yours" : "the service";
    return fail(
        {.code = Code::NameTaken,
         .message = "Another credential of " + whose + " is named '" + credential.name + "'.",
         .faults = {{"/name", "name.taken", "is the name of another credential"}}});
}

Result<Subject> subject_of(store::Transaction& tx, const model::Credential& credential) {
    Subject subject{.type = "credential", .id = credential.id.str(), .name = credential.name};
    if (credential.owner.service_id.empty()) { return subject; }
    ASSIGN_OR_RETURN(const model::Service service, tx.services().get(credential.owner.service_id));
    subject.project = service.project_id;
    return subject;
}

}  // namespace lintel::management
