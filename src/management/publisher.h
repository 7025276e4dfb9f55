// How management reaches the data plane without knowing it. The compiler implements this.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"
#include "model/place.h"
#include "model/service.h"

namespace lintel::management {

/// A release that is about to be stored and run.
struct Candidate {
    const model::Service& service;
    const model::Release& release;
    const model::Environment& environment;
};

/// What a committed transaction changed. The data plane loads the new state itself, with the
/// functions of published.h.
struct Change {
    enum class Kind {
        Service,      ///< deployments of one service (also: the service is gone)
        Credentials,  ///< credentials and grants of one service
        Domains,      ///< any of them
        Certificate,  ///< one of them; also: it is gone
        Everything,   ///< environments, or anything at start
    };
    Kind kind = Kind::Everything;
    model::ServiceId service_id = {};          ///< of Service and Credentials
    model::CertificateId certificate_id = {};  ///< of Certificate
};

/// Role: the bridge to the data plane. Owner: the app. Called from management threads, several at a
/// time.
class Publisher {
public:
    virtual ~Publisher() = default;

    /// Compiles the candidate without installing it. What cannot compile is never stored: an
    /// error's faults list every reason, with pointers into the release document. Must not write to
    /// the store: a transaction is open.
    virtual Status check(const Candidate& candidate) = 0;

    /// Called after the commit. Makes the data plane take the new state and returns the revision
    /// that serves it, once every worker does.
    virtual std::uint64_t refresh(const Change& change) = 0;

    /// Who shows the certificate to backends: "the service pets".
    virtual std::vector<std::string> users_of(const model::CertificateId&) const { return {}; }

    /// The revision that serves now.
    virtual std::uint64_t revision() const = 0;
};

}  // namespace lintel::management
