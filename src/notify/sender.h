// Sends the events that are queued in the store. Several processes on one store share the work: a
// delivery is claimed for the time of one attempt, so that it is lost with no process, and in the
// normal case sent by one only.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "model/webhook.h"
#include "notify/transfers.h"
#include "store/store.h"

namespace lintel::notify {

struct SenderSettings {
    TransferSettings transfers = {};
    std::optional<MailServer> mail = {};  ///< none: mails are not sent
};

/// Role: a thread that sends what is due, looks for it twice a second, and notes how it ended.
/// Owner: the Node; store and clock outlive it. Stopping lets short transfers finish.
class Sender {
public:
    Sender(store::Store& store, const Clock& clock, SenderSettings settings);
    Sender(const Sender&) = delete;
    Sender& operator=(const Sender&) = delete;
    ~Sender();

    /// Deliveries by result, and how many wait. By any thread.
    std::string metrics_text() const;

private:
    static constexpr std::size_t kReceivers = 2;  ///< webhooks, mail
    static constexpr std::size_t kResults = 3;    ///< delivered, retried, failed
    /// A delivery that was claimed, with what is needed to send it.
    struct Claimed {
        model::Delivery delivery;
        std::optional<model::Webhook> webhook;
    };

    void run();
    Result<std::vector<Claimed>> claim();
    std::vector<model::WebhookId> busy() const;
    void begin(Claimed claimed);
    void post(const model::Delivery& delivery, const model::Webhook& webhook);
    void mail(const model::Delivery& delivery);
    void settle(const std::vector<Outcome>& outcomes);
    void conclude(model::Delivery& delivery, const Outcome& outcome);
    void tell(const model::Delivery& delivery, const Outcome& outcome);
    void count(const model::Delivery& delivery);
    void prune();

    store::Store& store_;
    const Clock& clock_;
    SenderSettings settings_;
    Transfers transfers_;
    std::map<std::string, model::Delivery, std::less<>> under_way_;  ///< by id
    std::vector<Outcome> given_up_;  ///< attempts that ended before they began
    std::set<std::string> failing_;  ///< receivers whose last attempt failed
    bool store_fails_ = false;
    TimeMs prune_at_ = 0;
    std::array<std::array<std::atomic<std::uint64_t>, kResults>, kReceivers> counts_{};
    std::atomic<bool> stopping_{false};
    std::thread thread_;
};

}  // namespace lintel::notify
