#include "async/ticket_keys.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <span>

#include "base/assert.h"

namespace lintel::async {
namespace {

void fill(std::span<unsigned char> bytes) {
    const int filled = RAND_bytes(bytes.data(), static_cast<int>(bytes.size()));
    LINTEL_ASSERT(filled == 1, "OpenSSL has random bytes");
}

}  // namespace

TicketKey::~TicketKey() {
    OPENSSL_cleanse(cipher.data(), cipher.size());
    OPENSSL_cleanse(mac.data(), mac.size());
}

TicketKey TicketKeys::newest(Time now) {
    const std::scoped_lock lock(mutex_);
    if (!newest_ || now - newest_->made_at >= kLife) {
        before_ = newest_;
        if (before_) { before_->is_newest = false; }
        TicketKey& key = newest_.emplace();
        fill(key.name);
        fill(key.cipher);
        fill(key.mac);
        key.made_at = now;
    }
    return *newest_;
}

std::optional<TicketKey> TicketKeys::find(std::string_view name, Time now) {
    const std::scoped_lock lock(mutex_);
    for (const std::optional<TicketKey>* key : {&newest_, &before_}) {
        if (!key->has_value() || now - (*key)->made_at >= 2 * kLife) { continue; }
        const std::string_view own(reinterpret_cast<const char*>((*key)->name.data()),
                                   TicketKey::kNameSize);
        if (own == name) { return *key; }
    }
    return std::nullopt;
}

}  // namespace lintel::async
