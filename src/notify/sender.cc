#include "notify/sender.h"

#include <fmt/format.h>

#include <utility>

#include "base/log.h"
#include "base/mix.h"
#include "data/json.h"
#include "notify/mail_message.h"
#include "notify/retries.h"
#include "notify/signature.h"

namespace lintel::notify {

namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds kLookEvery = 500ms;
/// What is under way at a stop gets this long; the rest is sent again when its lease is over.
constexpr std::chrono::milliseconds kGrace = 2s;
/// Longer than any transfer may take.
constexpr std::chrono::milliseconds kLease = 30s;
/// A slow receiver holds up nobody: of each, and of mails, few are under way at once.
constexpr std::size_t kAtOnce = 64;
constexpr std::ptrdiff_t kOfOneReceiver = 4;
constexpr std::chrono::milliseconds kKept = std::chrono::hours(24 * 30);
constexpr std::chrono::milliseconds kPruneEvery = std::chrono::hours(1);

/// Of [0, 1), another one for each attempt.
double spread_of(const model::Delivery& delivery) {
    const std::uint64_t seed = std::hash<std::string>{}(delivery.id.str());
    constexpr double kRange = 1ULL << 53U;
    return static_cast<double>(mix(seed + static_cast<std::uint64_t>(delivery.attempts)) >> 11U) /
           kRange;
}

Outcome given_up(const model::Delivery& delivery, std::string reason) {
    return {.id = delivery.id.str(), .error = std::move(reason), .is_hopeless = true};
}

/// Who it goes to, in the log.
std::string receiver_of(const model::Delivery& delivery) {
    return delivery.webhook_id.empty() ? "mail" : delivery.webhook_id.str();
}

}  // namespace

Sender::Sender(store::Store& store, const Clock& clock, SenderSettings settings)
    : store_(store),
      clock_(clock),
      settings_(std::move(settings)),
      transfers_(settings_.transfers),
      thread_([this] { run(); }) {}

Sender::~Sender() {
    stopping_ = true;
    transfers_.wake();
    thread_.join();
}

void Sender::run() {
    while (!stopping_) {
        Result<std::vector<Claimed>> claimed = claim();
        // Told once, not twice a second.
        if (!claimed && !store_fails_) {
            log::error("events cannot be sent: the store cannot be used",
                       {{"error", claimed.error().message}, {"cause", claimed.error().cause}});
        }
        store_fails_ = !claimed.has_value();
        const bool some = claimed && !claimed->empty();
        if (some) {
            for (Claimed& one : *claimed) {
                begin(std::move(one));
            }
        }
        // Whoever had something to send may have more.
        settle(transfers_.wait(some ? 0ms : kLookEvery));
        settle(std::exchange(given_up_, {}));
        prune();
    }
    const auto until = std::chrono::steady_clock::now() + kGrace;
    while (transfers_.size() > 0 && std::chrono::steady_clock::now() < until) {
        settle(transfers_.wait(kLookEvery / 10));
    }
}

std::vector<model::WebhookId> Sender::busy() const {
    std::map<model::WebhookId, std::ptrdiff_t> counts;
    for (const auto& [id, delivery] : under_way_) {
        ++counts[delivery.webhook_id];
    }
    std::vector<model::WebhookId> busy;
    for (const auto& [id, count] : counts) {
        if (count >= kOfOneReceiver) { busy.push_back(id); }
    }
    return busy;
}

Result<std::vector<Sender::Claimed>> Sender::claim() {
    std::vector<Claimed> claimed;
    if (under_way_.size() >= kAtOnce) { return claimed; }
    const TimeMs now = clock_.now_ms();
    std::vector<model::DeliveryId> due;
    {
        ASSIGN_OR_RETURN(store::Transaction tx, store_.read());
        ASSIGN_OR_RETURN(
            due, tx.deliveries().due(now, busy(), static_cast<int>(kAtOnce - under_way_.size())));
    }
    if (due.empty()) { return claimed; }
    ASSIGN_OR_RETURN(store::Transaction tx, store_.begin());
    for (const model::DeliveryId& id : due) {
        ASSIGN_OR_RETURN(std::optional<model::Delivery> delivery,
                         tx.deliveries().claim(id, now, now + kLease.count()));
        if (!delivery) { continue; }
        Claimed one{.delivery = *std::move(delivery), .webhook = {}};
        if (!one.delivery.webhook_id.empty()) {
            ASSIGN_OR_RETURN(one.webhook,
                             tx.webhooks().find(one.delivery.webhook_id, store::Secrets::Unsealed));
        }
        claimed.push_back(std::move(one));
    }
    RETURN_IF_ERROR(tx.commit());
    return claimed;
}

void Sender::begin(Claimed claimed) {
    const model::Delivery delivery = claimed.delivery;
    under_way_.emplace(delivery.id.str(), std::move(claimed.delivery));
    if (delivery.webhook_id.empty()) {
        mail(delivery);
    } else if (claimed.webhook && claimed.webhook->enabled) {
        post(delivery, *claimed.webhook);
    } else {
        given_up_.push_back(given_up(delivery, "the webhook is disabled"));
    }
}

void Sender::post(const model::Delivery& delivery, const model::Webhook& webhook) {
    const TimeMs now = clock_.now_ms();
    const std::string at = std::to_string(now / 1000);
    std::string signatures = sign(webhook.secret, delivery.event_id, at, delivery.payload);
    if (now < webhook.previous_until) {
        signatures += " " + sign(webhook.previous_secret, delivery.event_id, at, delivery.payload);
    }
    transfers_.post(delivery.id.str(), {.url = webhook.url,
                                        .headers = {{"Content-Type", "application/json"},
                                                    {"webhook-id", delivery.event_id},
                                                    {"webhook-timestamp", at},
                                                    {"webhook-signature", signatures}},
                                        .body = delivery.payload});
}

void Sender::mail(const model::Delivery& delivery) {
    if (!settings_.mail) {
        given_up_.push_back(given_up(delivery, "there is no server for mails any more"));
        return;
    }
    const auto payload = data::parse_json(delivery.payload);
    const data::Json written = payload ? *payload : data::Json::object();
    const Mail mail{.id = delivery.id.str(),
                    .from = settings_.mail->from,
                    .to = std::string(data::find_string(written, "to")),
                    .subject = std::string(data::find_string(written, "subject")),
                    .text = std::string(data::find_string(written, "text")),
                    .at = delivery.created_at};
    transfers_.mail(delivery.id.str(), *settings_.mail, mail.to, to_message(mail));
}

void Sender::conclude(model::Delivery& delivery, const Outcome& outcome) {
    const TimeMs now = clock_.now_ms();
    delivery.answer_status = outcome.status;
    delivery.error = outcome.error;
    if (outcome.delivered) {
        delivery.status = model::DeliveryStatus::Delivered;
        delivery.finished_at = now;
        return;
    }
    const auto wait =
        outcome.is_hopeless ? std::nullopt : wait_after(delivery.attempts, spread_of(delivery));
    if (wait) {
        delivery.next_at = now + wait->count();
        return;
    }
    delivery.status = model::DeliveryStatus::Failed;
    delivery.finished_at = now;
}

/// Of a receiver that fails the first failure is told, and that it takes events again.
void Sender::tell(const model::Delivery& delivery, const Outcome& outcome) {
    const std::string receiver = receiver_of(delivery);
    if (outcome.delivered) {
        if (failing_.erase(receiver) > 0) {
            log::info("events are received again", {{"receiver", receiver}});
        }
    } else if (failing_.insert(receiver).second) {
        log::warn("an event was not received; it is tried again", {{"receiver", receiver},
                                                                   {"delivery", delivery.id.str()},
                                                                   {"event", delivery.event_type},
                                                                   {"reason", outcome.error}});
    }
    if (delivery.status == model::DeliveryStatus::Failed) {
        log::error("an event was given up", {{"receiver", receiver},
                                             {"delivery", delivery.id.str()},
                                             {"event", delivery.event_type},
                                             {"attempts", delivery.attempts},
                                             {"reason", outcome.error}});
    }
}

void Sender::count(const model::Delivery& delivery) {
    std::size_t result = 1;
    if (delivery.status == model::DeliveryStatus::Delivered) { result = 0; }
    if (delivery.status == model::DeliveryStatus::Failed) { result = 2; }
    const std::size_t receiver = delivery.webhook_id.empty() ? 1 : 0;
    counts_[receiver][result].fetch_add(1, std::memory_order_relaxed);
}

/// What the store does not take now is sent again when its lease is over.
void Sender::settle(const std::vector<Outcome>& outcomes) {
    if (outcomes.empty()) { return; }
    std::vector<model::Delivery> ended;
    for (const Outcome& outcome : outcomes) {
        const auto found = under_way_.find(outcome.id);
        model::Delivery delivery = std::move(found->second);
        under_way_.erase(found);
        conclude(delivery, outcome);
        tell(delivery, outcome);
        count(delivery);
        ended.push_back(std::move(delivery));
    }
    const auto save = [&]() -> Status {
        ASSIGN_OR_RETURN(store::Transaction tx, store_.begin());
        for (const model::Delivery& delivery : ended) {
            RETURN_IF_ERROR(tx.deliveries().save(delivery));
        }
        return tx.commit();
    };
    if (const Status saved = save(); !saved) {
        log::warn("how deliveries ended is not in the store; they are sent again",
                  {{"deliveries", ended.size()}, {"cause", saved.error().message}});
    }
}

void Sender::prune() {
    const TimeMs now = clock_.now_ms();
    if (now < prune_at_) { return; }
    prune_at_ = now + kPruneEvery.count();
    const auto remove = [&]() -> Status {
        ASSIGN_OR_RETURN(store::Transaction tx, store_.begin());
        RETURN_IF_ERROR(tx.deliveries().remove_finished_before(now - kKept.count()));
        return tx.commit();
    };
    if (const Status removed = remove(); !removed) {
        log::warn("old deliveries could not be removed", {{"cause", removed.error().message}});
    }
}

std::string Sender::metrics_text() const {
    std::string text =
        "# HELP lintel_deliveries_total Attempts to deliver events, by receiver and result.\n"
        "# TYPE lintel_deliveries_total counter\n";
    constexpr std::array<std::string_view, kReceivers> kReceiverNames{"webhook", "mail"};
    constexpr std::array<std::string_view, kResults> kResultNames{"delivered", "retried", "failed"};
    for (std::size_t receiver = 0; receiver < kReceivers; ++receiver) {
        for (std::size_t result = 0; result < kResults; ++result) {
            text += fmt::format("lintel_deliveries_total{{receiver=\"{}\",result=\"{}\"}} {}\n",
                                kReceiverNames[receiver], kResultNames[result],
                                counts_[receiver][result].load(std::memory_order_relaxed));
        }
    }
    const auto pending = [&]() -> Result<std::int64_t> {
        ASSIGN_OR_RETURN(store::Transaction tx, store_.read());
        return tx.deliveries().count_pending();
    }();
    if (pending) {
        text += fmt::format(
            "# HELP lintel_deliveries_pending Deliveries that wait in the store.\n"
            "# TYPE lintel_deliveries_pending gauge\nlintel_deliveries_pending {}\n",
            *pending);
    }
    return text;
}

}  // namespace lintel::notify
