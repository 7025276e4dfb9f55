// Requests and mails that are being sent, several at a time, on libcurl. Each address is judged
// when it is connected to, whatever name led there.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "async/connector.h"
#include "base/secret.h"

namespace lintel::notify {

struct HttpPost {
    std::string url = {};
    std::vector<std::pair<std::string, std::string>> headers = {};
    std::string body = {};
};

/// The server that takes mails: named by the operator, so that its address is not judged.
struct MailServer {
    std::string url = {};  ///< smtp://HOST:PORT or smtps://HOST:PORT
    std::string user = {};
    Secret password = {};
    bool starttls = true;  ///< with smtp://: no mail goes, and no password, before TLS began
    std::string from = {};
};

struct TransferSettings {
    async::AddressRule rule = {};  ///< of HTTP requests
    std::string user_agent = {};
    std::string authorities = {};  ///< file of those to trust; empty: those of the system
};

/// How one ended.
struct Outcome {
    std::string id = {};
    bool delivered = false;
    std::int64_t status = 0;  ///< of the answer; 0: there was none
    std::string error = {};
    bool is_hopeless = false;  ///< there is no point in trying again
};

/// Role: what is under way. Owner: the Sender; its thread only, but for wake().
class Transfers {
public:
    explicit Transfers(TransferSettings settings);
    Transfers(const Transfers&) = delete;
    Transfers& operator=(const Transfers&) = delete;
    ~Transfers();  ///< cuts what is under way

    /// Delivered is what is answered with 2xx; redirects are not followed.
    void post(const std::string& id, HttpPost request);
    void mail(const std::string& id, const MailServer& server, const std::string& to,
              std::string message);
    /// Returns when something has ended, after `longest`, or when woken; with what has ended.
    std::vector<Outcome> wait(std::chrono::milliseconds longest);
    /// By any thread.
    void wake();
    std::size_t size() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace lintel::notify
