#include "crypto/seal.h"

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>

#include <fmt/core.h>

#include "base/assert.h"
#include "base/text.h"
#include "crypto/random.h"
#include "crypto/sodium.h"

namespace lintel::crypto {
namespace {

constexpr std::array<char, crypto_kdf_CONTEXTBYTES> kDerivation{'l', 'i', 'n', 't',
                                                                'e', 'l', 'v', '1'};
constexpr char kFormat = 1;
constexpr std::size_t kNonceBytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t kTagBytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;
static_assert(Sealer::kOverhead == 1 + kNonceBytes + kTagBytes);
static_assert(MasterKey::kSize == crypto_kdf_KEYBYTES);
static_assert(MasterKey::kSize == crypto_aead_xchacha20poly1305_ietf_KEYBYTES);

constexpr std::string_view kCheckText = "lintel master key check";
constexpr std::string_view kCheckContext = "meta/master_key_check";
constexpr mode_t kMode = 0400;
constexpr mode_t kOthers = 077;

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

/// Closes the file when it goes out of scope.
class FileDescriptor {
public:
    explicit FileDescriptor(int descriptor) : descriptor_(descriptor) {}
    FileDescriptor(const FileDescriptor&) = delete;
    FileDescriptor& operator=(const FileDescriptor&) = delete;
    ~FileDescriptor() {
        if (descriptor_ >= 0) { ::close(descriptor_); }
    }
    int value() const { return descriptor_; }
    bool is_open() const { return descriptor_ >= 0; }

private:
    int descriptor_;
};

std::unexpected<Error> refuse(const std::filesystem::path& file, std::string_view what) {
    return fail(Code::StartFailed, fmt::format("master key file {}: {}", file.string(), what));
}

std::string text_of_errno(int error) {
    return std::error_code(error, std::generic_category()).message();
}

Result<Secret> read_key(const FileDescriptor& file, const std::filesystem::path& path) {
    struct stat status{};
    if (::fstat(file.value(), &status) != 0) { return refuse(path, text_of_errno(errno)); }
    if (!S_ISREG(status.st_mode)) { return refuse(path, "not a regular file"); }
    if ((status.st_mode & kOthers) != 0) {
        return refuse(path, fmt::format("mode {:04o} lets others at it; run chmod 0400 on it",
                                        status.st_mode & 07777));
    }
    if (status.st_size != static_cast<off_t>(MasterKey::kSize)) {
        return refuse(path, fmt::format("holds {} bytes, a key has {}; restore the right file",
                                        status.st_size, MasterKey::kSize));
    }
    std::array<char, MasterKey::kSize> bytes{};
    const ssize_t got = ::read(file.value(), bytes.data(), bytes.size());
    if (got != static_cast<ssize_t>(bytes.size())) {
        return refuse(path, got < 0 ? text_of_errno(errno) : "could not be read whole");
    }
    Secret key(std::string_view(bytes.data(), bytes.size()));
    explicit_bzero(bytes.data(), bytes.size());
    return key;
}

Status sync_folder(const std::filesystem::path& path) {
    const std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : ".";
    const FileDescriptor opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!opened.is_open() || ::fsync(opened.value()) != 0) {
        return refuse(path, text_of_errno(errno));
    }
    return {};
}

/// Writes the key beside its place and links it there: a crash leaves no half-written key, and two
/// programs starting at once end up with one key.
Status create_key(const std::filesystem::path& path) {
    std::filesystem::path temporary = path;
    temporary += "." + random_hex(8);
    {
        const FileDescriptor file(
            ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kMode));
        if (!file.is_open()) {
            return refuse(path, fmt::format("cannot be made: {}", text_of_errno(errno)));
        }
        const Secret key(random_bytes(MasterKey::kSize));
        const ssize_t put = ::write(file.value(), key.reveal().data(), MasterKey::kSize);
        if (put != static_cast<ssize_t>(MasterKey::kSize) || ::fsync(file.value()) != 0) {
            const int error = errno;
            ::unlink(temporary.c_str());
            return refuse(path, fmt::format("cannot be written: {}", text_of_errno(error)));
        }
    }
    const int linked = ::link(temporary.c_str(), path.c_str());
    const int error = errno;
    ::unlink(temporary.c_str());
    if (linked != 0 && error != EEXIST) {
        return refuse(path, fmt::format("cannot be made: {}", text_of_errno(error)));
    }
    return sync_folder(path);
}

}  // namespace

Result<MasterKey> MasterKey::open(const std::filesystem::path& path, KeyFile missing) {
    for (const bool first : {true, false}) {
        const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
        if (file.is_open()) {
            ASSIGN_OR_RETURN(Secret key, read_key(file, path));
            return MasterKey(std::move(key));
        }
        if (errno != ENOENT || !first) { return refuse(path, text_of_errno(errno)); }
        if (missing == KeyFile::MustExist) {
            return refuse(path,
                          "missing, but the store holds secrets sealed with it; restore the file "
                          "from your backup or point LINTEL_MASTER_KEY_FILE to it");
        }
        RETURN_IF_ERROR(create_key(path));
    }
    return refuse(path, "cannot be made");
}

MasterKey MasterKey::generate() {
    return MasterKey(Secret(random_bytes(kSize)));
}

Secret MasterKey::derive(Purpose purpose) const {
    require_sodium();
    std::array<unsigned char, kSize> key{};
    const int failed =
        crypto_kdf_derive_from_key(key.data(), key.size(), static_cast<std::uint64_t>(purpose),
                                   kDerivation.data(), bytes_of(bytes_.reveal()));
    LINTEL_ASSERT(failed == 0, "a key could not be derived");
    Secret derived(std::string_view(reinterpret_cast<const char*>(key.data()), key.size()));
    explicit_bzero(key.data(), key.size());
    return derived;
}

std::string MasterKey::check_value() const {
    return Sealer(*this, Purpose::Store).seal(kCheckText, kCheckContext);
}

Status MasterKey::verify(std::string_view check_value) const {
    const std::optional<Secret> text =
        Sealer(*this, Purpose::Store).open(check_value, kCheckContext);
    if (text && text->equals(kCheckText)) { return {}; }
    return fail(Code::StartFailed,
                "the master key is not the one this store was made with; restore the right key "
                "file, or point LINTEL_MASTER_KEY_FILE to it");
}

std::string Sealer::seal(std::string_view plain, std::string_view context) const {
    std::string sealed(kOverhead + plain.size(), '\0');
    sealed[0] = kFormat;
    auto* const nonce = reinterpret_cast<unsigned char*>(&sealed[1]);
    randombytes_buf(nonce, kNonceBytes);
    const int failed = crypto_aead_xchacha20poly1305_ietf_encrypt(
        nonce + kNonceBytes, nullptr, bytes_of(plain), plain.size(), bytes_of(context),
        context.size(), nullptr, nonce, bytes_of(key_.reveal()));
    LINTEL_ASSERT(failed == 0, "sealing failed");
    return sealed;
}

std::optional<Secret> Sealer::open(std::string_view sealed, std::string_view context) const {
    if (sealed.size() < kOverhead || sealed[0] != kFormat) { return std::nullopt; }
    const std::string_view nonce = sealed.substr(1, kNonceBytes);
    const std::string_view body = sealed.substr(1 + kNonceBytes);
    std::string plain(sealed.size() - kOverhead, '\0');
    const int failed = crypto_aead_xchacha20poly1305_ietf_decrypt(
        reinterpret_cast<unsigned char*>(plain.data()), nullptr, nullptr, bytes_of(body),
        body.size(), bytes_of(context), context.size(), bytes_of(nonce), bytes_of(key_.reveal()));
    if (failed != 0) { return std::nullopt; }
    Secret opened(plain);
    explicit_bzero(plain.data(), plain.size());
    return opened;
}

}  // namespace lintel::crypto
