// The access log: one JSON line for every request, whatever happened to it. Workers only copy a
// binary record into their own ring; a writer thread formats and writes. A full ring drops the
// record and counts it: a slow disk must not slow down traffic.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/ip_address.h"
#include "gateway/phase.h"

namespace lintel::gateway {

/// What is known of a request when it has ended. The texts are views; the ring copies them.
struct AccessRecord {
    enum Text : std::uint8_t {
        RequestId,
        CorrelationId,
        Environment,
        Service,
        Api,
        Method,
        Host,
        Path,
        Query,
        CredentialId,
        CredentialName,
        AuthMethod,
        BackendAddress,
        Upstream,
        UpstreamServer,
        Reason,
        HiddenQueryName,  ///< its value is masked; not a field of its own
        kTextCount,
    };
    /// Everything that is copied as it is.
    struct Numbers {
        TimeMs time = 0;
        std::int64_t revision = 0;
        std::int64_t release = 0;
        std::uint64_t bytes_in = 0;
        std::uint64_t bytes_out = 0;
        std::uint64_t total_us = 0;
        std::uint64_t backend_us = 0;
        IpAddress client = {};
        int status = 0;
        int backend_status = 0;
        std::uint32_t backend_tries = 0;
        bool refused = false;  ///< `code` and `phase` say why and where
        Code code = Code::Internal;
        Phase phase = Phase::Accept;
    };

    Numbers numbers;
    std::array<std::string_view, kTextCount> texts;
};

/// Records on their way from one worker to the writer: single producer, single consumer, bounded.
class AccessLogRing {
public:
    explicit AccessLogRing(std::size_t capacity = 1U << 20);  ///< bytes, a power of two

    /// Worker only. False, and counted, when there is no room.
    bool push(const AccessRecord& record);
    /// Writer only. The texts of `record` are valid until the next call.
    bool pop(AccessRecord& record);
    std::uint64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }
    /// Worker only: time to wake the writer before it looks by itself.
    bool is_filling() {
        if (tail_ - seen_head_ <= capacity_ / 4) { return false; }
        // What the writer has taken meanwhile is looked up only here, so that the cache line both
        // sides write is read once in a while instead of with every record.
        seen_head_ = published_head_.load(std::memory_order_acquire);
        return tail_ - seen_head_ > capacity_ / 4;
    }

private:
    struct Header;
    char* at(std::uint64_t position) { return bytes_.get() + (position & (capacity_ - 1)); }

    std::size_t capacity_;
    std::unique_ptr<char[]> bytes_;
    // Positions only grow. The producer owns tail_ and publishes it; the consumer owns head_.
    alignas(64) std::uint64_t tail_ = 0;
    std::uint64_t seen_head_ = 0;
    std::atomic<std::uint64_t> dropped_{0};
    alignas(64) std::atomic<std::uint64_t> published_tail_{0};
    alignas(64) std::atomic<std::uint64_t> published_head_{0};
    std::uint64_t head_ = 0;
    std::uint64_t pending_ = 0;  // end of the record handed out last
};

/// Turns records into lines. Keeps the text of the current second.
class AccessLogFormat {
public:
    /// Appends one line with its line feed. Every byte of every text is escaped, values of secret
    /// query parameters are masked.
    void append(std::string& out, const AccessRecord& record);

private:
    std::string second_text_;
    TimeMs second_ = -1;
};

/// "a=1&access_token=***": values of query parameters that carry secrets by their name, or that
/// bear `hidden_name`, are replaced. Names are compared decoded and without case.
std::string masked_query(std::string_view query, std::string_view hidden_name);

/// The writer thread and its file. Owned by the Gateway; rings outlive it.
class AccessLogWriter {
public:
    /// `path`: a file that is appended to, or "-" for the standard output.
    static Result<std::unique_ptr<AccessLogWriter>> open(std::string path,
                                                         std::vector<AccessLogRing*> rings);
    AccessLogWriter(const AccessLogWriter&) = delete;
    AccessLogWriter& operator=(const AccessLogWriter&) = delete;
    /// Writes what is left, then ends.
    ~AccessLogWriter();

    /// Any thread: closes and opens the file again, for rotation (SIGHUP).
    void reopen();
    /// Any thread: a ring fills up.
    void wake();
    /// Any thread: returns when everything pushed before the call is written.
    void flush();
    /// Records that could not be written because the file could not.
    std::uint64_t failed() const { return failed_.load(std::memory_order_relaxed); }

private:
    AccessLogWriter(std::string path, int file, int wake_event, std::vector<AccessLogRing*> rings);
    void run();
    bool drain();
    void write_out();
    void open_again();

    std::string path_;
    int file_;
    int wake_event_;
    std::vector<AccessLogRing*> rings_;
    AccessLogFormat format_;
    std::string lines_;
    std::size_t line_count_ = 0;
    std::atomic<bool> stop_{false};
    std::atomic<bool> wake_asked_{false};  ///< set until the writer has seen it: one wake is enough
    std::atomic<bool> reopen_{false};
    std::atomic<std::uint64_t> failed_{0};
    std::atomic<std::uint64_t> flush_asked_{0};
    std::atomic<std::uint64_t> flush_done_{0};
    std::thread thread_;
};

}  // namespace lintel::gateway
