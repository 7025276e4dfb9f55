#include "policies/compress/encoder.h"

#include <brotli/encode.h>
#include <zlib.h>

#include <array>

#include "base/assert.h"

namespace lintel::policies {
namespace {

constexpr std::size_t kStep = 8192;          ///< room for output made at once
constexpr int kGzip = 15 + 16;               ///< largest window, gzip frame
constexpr int kZlibMemory = 8;               ///< zlib's own default
constexpr std::uint32_t kBrotliWindow = 18;  ///< 256 KiB: larger ones cost memory per answer

class GzipEncoder final : public Encoder {
public:
    explicit GzipEncoder(int level) {
        const int error =
            deflateInit2(&stream_, level, Z_DEFLATED, kGzip, kZlibMemory, Z_DEFAULT_STRATEGY);
        LINTEL_ASSERT(error == Z_OK, "zlib has memory for a stream");
    }
    GzipEncoder(const GzipEncoder&) = delete;
    GzipEncoder& operator=(const GzipEncoder&) = delete;
    ~GzipEncoder() override { deflateEnd(&stream_); }

    void encode(std::span<const char> bytes, Until until, std::string& out) override {
        const int flush = until == Until::End   ? Z_FINISH
                          : until == Until::Now ? Z_SYNC_FLUSH
                                                : Z_NO_FLUSH;
        stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
        stream_.avail_in = static_cast<uInt>(bytes.size());
        do {
            const std::size_t before = out.size();
            out.resize(before + kStep);
            stream_.next_out = reinterpret_cast<Bytef*>(out.data() + before);
            stream_.avail_out = kStep;
            deflate(&stream_, flush);
            out.resize(before + kStep - stream_.avail_out);
        } while (stream_.avail_out == 0);
    }

private:
    z_stream stream_{};
};

class BrotliEncoder final : public Encoder {
public:
    explicit BrotliEncoder(int level)
        : state_(BrotliEncoderCreateInstance(nullptr, nullptr, nullptr)) {
        LINTEL_ASSERT(state_ != nullptr, "Brotli has memory for a stream");
        BrotliEncoderSetParameter(state_, BROTLI_PARAM_QUALITY, static_cast<std::uint32_t>(level));
        BrotliEncoderSetParameter(state_, BROTLI_PARAM_LGWIN, kBrotliWindow);
    }
    BrotliEncoder(const BrotliEncoder&) = delete;
    BrotliEncoder& operator=(const BrotliEncoder&) = delete;
    ~BrotliEncoder() override { BrotliEncoderDestroyInstance(state_); }

    void encode(std::span<const char> bytes, Until until, std::string& out) override {
        const BrotliEncoderOperation operation = until == Until::End   ? BROTLI_OPERATION_FINISH
                                                 : until == Until::Now ? BROTLI_OPERATION_FLUSH
                                                                       : BROTLI_OPERATION_PROCESS;
        const auto* in = reinterpret_cast<const std::uint8_t*>(bytes.data());
        std::size_t in_left = bytes.size();
        do {
            std::size_t no_room = 0;
            std::uint8_t* nowhere = nullptr;
            BrotliEncoderCompressStream(state_, operation, &in_left, &in, &no_room, &nowhere,
                                        nullptr);
            std::size_t made = 0;
            const std::uint8_t* piece = BrotliEncoderTakeOutput(state_, &made);
            out.append(reinterpret_cast<const char*>(piece), made);
        } while (in_left > 0 || BrotliEncoderHasMoreOutput(state_) == BROTLI_TRUE);
    }

private:
    BrotliEncoderState* state_;
};

}  // namespace

std::unique_ptr<Encoder> make_encoder(Coding coding, int level) {
    if (coding == Coding::Brotli) { return std::make_unique<BrotliEncoder>(level); }
    return std::make_unique<GzipEncoder>(level);
}

}  // namespace lintel::policies
