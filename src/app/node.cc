#include "app/node.h"

#include <fmt/format.h>

#include "app/catalogue.h"
#include "app/tls_listener.h"
#include "app/version.h"
#include "async/socket_address.h"
#include "auth/auth.h"
#include "base/log.h"

namespace lintel::app {

namespace {

/// Management requests in flight at a stop get this long; they are short.
constexpr std::chrono::milliseconds kAdminGrace{2000};
/// Bodies of the management API: a description file as a JSON string is at most this much longer.
constexpr std::size_t kEscapeFactor = 2;
constexpr std::size_t kOtherBodyBytes = 1U << 20;

Result<std::vector<IpRange>> read_ranges(const Settings& settings, std::string_view name) {
    std::vector<IpRange> ranges;
    for (const std::string& text : settings.list(name)) {
        const auto range = IpRange::parse(text);
        if (!range) {
            return fail(Code::ConfigInvalid,
                        fmt::format("{}: '{}' is no address and no range; write 10.1.0.0/16, say",
                                    name, text));
        }
        ranges.push_back(*range);
    }
    return ranges;
}

compiler::ExplainRefusals explain_refusals(std::string_view text) {
    if (text == "never") { return compiler::ExplainRefusals::Never; }
    if (text == "always") { return compiler::ExplainRefusals::Always; }
    return compiler::ExplainRefusals::OutsideRelease;
}

Result<bool> has_certificates(store::Store& store) {
    ASSIGN_OR_RETURN(store::Transaction tx, store.read());
    ASSIGN_OR_RETURN(const auto first, tx.certificates().list({.limit = 1}));
    return !first.empty();
}

Result<gateway::GatewayOptions> gateway_options(const Settings& settings, store::Store& store,
                                                const Clock& clock) {
    gateway::GatewayOptions options;
    options.listen = {{.address = settings.address("listen")}};
    ASSIGN_OR_RETURN(const bool certified, has_certificates(store));
    ASSIGN_OR_RETURN(auto with_tls, tls_listener(settings, certified, clock));
    if (with_tls) { options.listen.push_back(*std::move(with_tls)); }
    options.workers = static_cast<std::size_t>(settings.integer("workers"));
    const std::string& log = settings.text("access_log");
    options.access_log = log == "off" ? "" : log;
    options.version = kVersion;
    options.drain_time = settings.duration("drain");
    return options;
}

/// "Every address" is nothing one could call.
std::string shown(const async::SocketAddress& address) {
    return address.address.is_unspecified() ? fmt::format("localhost:{}", address.port)
                                            : async::to_string(address);
}

}  // namespace

Node::Node(DataLock lock, OpenedStore opened, management::Kinds kinds,
           compiler::Catalogue catalogue)
    : lock_(std::move(lock)),
      opened_(std::move(opened)),
      kinds_(std::move(kinds)),
      catalogue_(std::move(catalogue)),
      lasting_(*opened_.key),
      passwords_(*opened_.key) {}

Result<std::unique_ptr<Node>> Node::start(const Settings& settings) {
    const gateway::Kinds plugins = app::catalogue();
    ASSIGN_OR_RETURN(management::Kinds kinds, management::Kinds::build(kind_infos(plugins)));
    ASSIGN_OR_RETURN(compiler::Catalogue catalogue, compiler::Catalogue::build(plugins));
    const SystemClock clock;
    RETURN_IF_ERROR(make_data_directory(settings));
    ASSIGN_OR_RETURN(DataLock lock, DataLock::take(settings.text("data")));
    ASSIGN_OR_RETURN(OpenedStore opened, open_store(settings, clock));
    ASSIGN_OR_RETURN(auto sockets, async::ListenSocket::open(settings.address("admin.listen"), 1));
    std::unique_ptr<Node> node(
        new Node(std::move(lock), std::move(opened), std::move(kinds), std::move(catalogue)));
    RETURN_IF_ERROR(node->open_data_plane(settings, sockets.front()));
    node->build_management(settings);
    RETURN_IF_ERROR(node->open_admin(settings, std::move(sockets.front())));
    RETURN_IF_ERROR(node->begin());
    return node;
}

Status Node::open_data_plane(const Settings& settings, const async::ListenSocket& admin_socket) {
    ASSIGN_OR_RETURN(lasting_.outbound.allowed, read_ranges(settings, "outbound.allow"));
    lasting_.outbound.allow_private = !settings.flag("production");
    const async::SocketAddress admin = admin_socket.address();
    lasting_.outbound.own.push_back({.address = admin.address, .port = admin.port});
    ASSIGN_OR_RETURN(resolver_, async::Resolver::open({}));
    token_endpoint_ = auth::token_endpoint(lasting_.tokens, clock_);
    const gateway::GatewayServices services{.clock = clock_,
                                            .resolver = *resolver_,
                                            .outbound = lasting_.outbound,
                                            .metrics = lasting_.metrics,
                                            .reserved = {token_endpoint_.get()}};
    ASSIGN_OR_RETURN(gateway::GatewayOptions options,
                     gateway_options(settings, *opened_.store, clock_));
    ASSIGN_OR_RETURN(options.client.tls, async::TlsClient::build({}));
    ASSIGN_OR_RETURN(gateway_, gateway::Gateway::open(std::move(options), services));
    return {};
}

void Node::build_management(const Settings& settings) {
    compiler_state_ = std::make_unique<compiler::LastingState>(
        compiler::LastingState{.clock = clock_,
                               .counters = lasting_.counters,
                               .replay_guard = lasting_.replay_guard,
                               .tokens = lasting_.tokens,
                               .outbound = gateway_->outbound(),
                               .metrics = lasting_.metrics,
                               .upstreams = lasting_.upstreams});
    const compiler::CompileSettings compile_settings{
        .body_limit = static_cast<std::uint64_t>(settings.integer("body.max_bytes")),
        .explain_refusals = explain_refusals(settings.text("explain_refusals"))};
    publisher_ = std::make_unique<compiler::SnapshotPublisher>(
        *opened_.store, *gateway_,
        compiler::CompileEnvironment{
            .catalogue = catalogue_, .lasting = *compiler_state_, .settings = compile_settings},
        compiler::Addresses{.base_domain = settings.text("base_domain"),
                            .https_port = https_port(settings)});
    management_ = std::make_unique<management::Management>(
        management::Management{.store = *opened_.store,
                               .publisher = *publisher_,
                               .clock = clock_,
                               .kinds = kinds_,
                               .guard = guard_,
                               .settings = management_settings(settings)});
}

std::string Node::https_port(const Settings& settings) const {
    constexpr std::int64_t kUsual = 443;
    std::int64_t port = settings.integer("tls.public_port");
    const auto& addresses = gateway_->addresses();
    if (port == 0) { port = addresses.size() > 1 ? addresses[1].port : kUsual; }
    return port == kUsual ? "" : fmt::format(":{}", port);
}

Status Node::open_admin(const Settings& settings, async::ListenSocket socket) {
    ASSIGN_OR_RETURN(first_, prepare_first_administrator(*management_));
    ASSIGN_OR_RETURN(dispatcher_, admin::Dispatcher::build(*management_, settings.to_json()));
    admin::TransportOptions transport{
        .hosts = settings.list("admin.hosts"),
        .body_max_bytes = kOtherBodyBytes + kEscapeFactor * management_->settings.import_max_bytes};
    ASSIGN_OR_RETURN(admin_, admin::Server::start(std::move(socket), *dispatcher_, health(), clock_,
                                                  std::move(transport)));
    return {};
}

Status Node::begin() {
    RETURN_IF_ERROR(publisher_->start());
    started_ = true;
    log::info("ready", {{"listen", call_address()},
                        {"tls_listen", tls_address()},
                        {"admin", admin_address()},
                        {"revision", publisher_->revision()}});
    return {};
}

admin::Health Node::health() {
    return {.report =
                [this] {
                    const std::int64_t revision = gateway_->revision();
                    const std::vector<std::pair<std::string, bool>> checks{
                        {"snapshot", started_ && revision > 0},
                        {"store", opened_.store->read().has_value()},
                        {"accepting", !stopping_},
                    };
                    bool ready = true;
                    for (const auto& [name, good] : checks) {
                        ready = ready && good;
                    }
                    return admin::Health::Report{.ready = ready,
                                                 .revision = static_cast<std::uint64_t>(revision),
                                                 .checks = checks};
                },
            .metrics = [this] { return gateway_->metrics_text(); }};
}

std::string Node::call_address() const {
    return shown(gateway_->addresses().front());
}

std::string Node::tls_address() const {
    const auto& addresses = gateway_->addresses();
    return addresses.size() > 1 ? shown(addresses[1]) : "";
}

std::string Node::admin_address() const {
    return async::to_string(admin_->address());
}

void Node::stop() {
    if (stopping_.exchange(true)) { return; }
    // Probes go on answering (not ready) while calls in flight end.
    if (gateway_ != nullptr) { gateway_->stop(); }
    if (admin_ != nullptr) { admin_->stop(kAdminGrace); }
}

Node::~Node() {
    stop();
}

}  // namespace lintel::app
