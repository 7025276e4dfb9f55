// Certificates of the gateway. Every change takes effect at once, without a publish; private keys
// are never shown again.
#pragma once

#include <string>

#include "management/management.h"
#include "model/certificate.h"

namespace lintel::management {

/// What is uploaded, all in PEM.
struct CertificateUpload {
    std::string certificate = {};  ///< with its chain behind it
    Secret key = {};               ///< without a password
    std::string authorities = {};  ///< who signs the certificates of clients; may be empty
};

struct NewCertificate {
    std::string name = {};
    CertificateUpload upload = {};
};

/// CertificateInvalid with a fault for everything that is wrong with the upload.
Result<Written<model::Certificate>> create_certificate(Management& m, const Caller& caller,
                                                       const NewCertificate& request);
Result<Page<model::Certificate>> list_certificates(Management& m, const Caller& caller,
                                                   const PageRequest& page);
/// `certificate` is an id or a name, here and below.
Result<model::Certificate> show_certificate(Management& m, const Caller& caller,
                                            const std::string& certificate);
/// Swaps it under all domains and backends that use it. Refused when one of them could not go on
/// with the new one.
Result<Written<model::Certificate>> replace_certificate(Management& m, const Caller& caller,
                                                        const std::string& certificate,
                                                        const CertificateUpload& upload,
                                                        ExpectedVersion expected);
/// StateConflict while a domain or a running service uses it.
Result<Written<model::Certificate>> delete_certificate(Management& m, const Caller& caller,
                                                       const std::string& certificate,
                                                       ExpectedVersion expected);

}  // namespace lintel::management
