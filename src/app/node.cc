#include "app/node.h"

#include <fmt/core.h>

#include <algorithm>

#include "app/catalogue.h"
#include "app/listeners.h"
#include "app/mail_settings.h"
#include "app/node_settings.h"
#include "app/tls_listener.h"
#include "app/version.h"
#include "async/socket_address.h"
#include "auth/auth.h"
#include "base/log.h"

namespace lintel::app {

namespace {

/// Bodies of the management API: a description file as a JSON string is at most this much longer.
constexpr std::size_t kEscapeFactor = 2;
constexpr std::size_t kOtherBodyBytes = 1U << 20;

compiler::ExplainRefusals explain_refusals(std::string_view text) {
    if (text == "never") { return compiler::ExplainRefusals::Never; }
    if (text == "always") { return compiler::ExplainRefusals::Always; }
    return compiler::ExplainRefusals::OutsideRelease;
}

Result<bool> has_certificates(store::Store& store) {
    ASSIGN_OR_RETURN(store::Transaction tx, store.read());
    return tx.certificates().any();
}

/// "Every address" is nothing one could call.
std::string shown(const async::ListenAddress& address) {
    const bool anywhere = !address.is_unix() && address.ip.address.is_unspecified();
    return anywhere ? fmt::format("localhost:{}", address.ip.port) : async::to_string(address);
}

}  // namespace

Node::Node(DataLock lock, OpenedStore opened, management::Kinds kinds,
           compiler::Catalogue catalogue, std::vector<async::ListenSocket> inherited)
    : lock_(std::move(lock)),
      sockets_(std::move(inherited)),
      opened_(std::move(opened)),
      kinds_(std::move(kinds)),
      catalogue_(std::move(catalogue)),
      lasting_(*opened_.key),
      passwords_(*opened_.key) {}

Result<std::unique_ptr<Node>> Node::start(const Settings& settings, Inherited& inherited) {
    const gateway::Kinds plugins = app::catalogue();
    ASSIGN_OR_RETURN(management::Kinds kinds, management::Kinds::build(kind_infos(plugins)));
    ASSIGN_OR_RETURN(compiler::Catalogue catalogue, compiler::Catalogue::build(plugins));
    const SystemClock clock;
    RETURN_IF_ERROR(check_tls(settings, clock));
    RETURN_IF_ERROR(check_listeners(settings));
    ASSIGN_OR_RETURN(std::optional<notify::MailServer> mail, mail_server(settings));
    RETURN_IF_ERROR(make_data_directory(settings));
    // Whatever can be wrong so far leaves the one before as it is.
    inherited.predecessor.tell_prepared();
    const auto wait =
        inherited.predecessor.waits() ? DataLock::Wait::ForHolder : DataLock::Wait::No;
    ASSIGN_OR_RETURN(DataLock lock, DataLock::take(settings.text("data"), wait));
    ASSIGN_OR_RETURN(OpenedStore opened, open_store(settings, clock));
    std::unique_ptr<Node> node(new Node(std::move(lock), std::move(opened), std::move(kinds),
                                        std::move(catalogue), std::move(inherited.sockets)));
    node->data_directory_ = settings.text("data");
    node->sender_settings_.mail = std::move(mail);
    ASSIGN_OR_RETURN(auto sockets,
                     node->sockets_.open({.ip = settings.address("admin.listen")}, 1));
    RETURN_IF_ERROR(node->open_data_plane(settings, sockets.front()));
    node->sockets_.close_unused();
    node->build_management(settings);
    RETURN_IF_ERROR(node->open_admin(settings, std::move(sockets.front())));
    RETURN_IF_ERROR(node->begin());
    return node;
}

Status Node::open_data_plane(const Settings& settings, const async::ListenSocket& admin_socket) {
    lasting_.outbound.allowed = settings.ranges("outbound.allow");
    lasting_.outbound.allow_private = !settings.flag("production");
    const async::SocketAddress admin = admin_socket.address();
    lasting_.outbound.own.push_back({.address = admin.address, .port = admin.port});
    if (const auto store = opened_.store->address()) {
        lasting_.outbound.own.push_back(
            {.address = IpAddress::parse(store->host).value_or(IpAddress{}), .port = store->port});
    }
    ASSIGN_OR_RETURN(resolver_, async::Resolver::open({}));
    token_endpoint_ = auth::token_endpoint(lasting_.tokens, clock_);
    const gateway::GatewayServices services{.clock = clock_,
                                            .resolver = *resolver_,
                                            .outbound = lasting_.outbound,
                                            .metrics = lasting_.metrics,
                                            .reserved = {token_endpoint_.get()}};
    ASSIGN_OR_RETURN(const bool certified, has_certificates(*opened_.store));
    ASSIGN_OR_RETURN(gateway::GatewayOptions options, gateway_options(settings, certified, clock_));
    plain_listeners_ = settings.listeners("listen").size();
    options.accepting = gateway::Accepting::WhenTold;
    options.open_sockets = [this](const async::ListenAddress& at, std::size_t workers) {
        return sockets_.open(at, workers);
    };
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
    sender_settings_.transfers = transfer_settings(
        [&rules = gateway_->outbound()](const IpAddress& address, std::uint16_t port) {
            return rules.refusal_for(address, port);
        });
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
    if (port == 0) {
        const bool listens = addresses.size() > plain_listeners_;
        port = listens ? addresses[plain_listeners_].ip.port : 0;
        if (port == 0) { port = kUsual; }
    }
    return port == kUsual ? "" : fmt::format(":{}", port);
}

Status Node::open_admin(const Settings& settings, async::ListenSocket socket) {
    ASSIGN_OR_RETURN(first_, prepare_first_administrator(*management_));
    ASSIGN_OR_RETURN(dispatcher_, admin::Dispatcher::build(*management_, settings.to_json()));
    admin_transport_ = {
        .hosts = settings.list("admin.hosts"),
        .body_max_bytes = kOtherBodyBytes + kEscapeFactor * management_->settings.import_max_bytes};
    return serve_admin(std::move(socket));
}

Status Node::serve_admin(async::ListenSocket socket) {
    admin_address_ = socket.address();
    ASSIGN_OR_RETURN(admin_, admin::Server::start(std::move(socket), *dispatcher_, health(), clock_,
                                                  admin_transport_));
    return {};
}

Status Node::begin() {
    RETURN_IF_ERROR(publisher_->start());
    follow_store();
    send_events();
    write_usage();
    gateway_->accept();
    started_ = true;
    log::info("ready", {{"listen", call_address()},
                        {"tls_listen", tls_address()},
                        {"admin", admin_address()},
                        {"revision", publisher_->revision()}});
    return {};
}

void Node::follow_store() {
    if (auto listener = opened_.store->listen()) {
        follower_ = std::make_unique<StoreFollower>(std::move(listener), *publisher_);
    }
}

void Node::send_events() {
    sender_ = std::make_unique<notify::Sender>(*opened_.store, clock_, sender_settings_);
}

void Node::write_usage() {
    usage_writer_ = std::make_unique<UsageWriter>(*opened_.store, clock_, *publisher_);
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
            .metrics =
                [this] {
                    std::string text = gateway_->metrics_text();
                    // The management API ends before the sender does.
                    if (started_) { text += sender_->metrics_text(); }
                    return text;
                }};
}

std::string Node::call_address() const {
    return shown(gateway_->addresses().front());
}

std::string Node::tls_address() const {
    const auto& addresses = gateway_->addresses();
    return addresses.size() > plain_listeners_ ? shown(addresses[plain_listeners_]) : "";
}

std::string Node::admin_address() const {
    return async::to_string(admin_address_);
}

void Node::stop() {
    if (stopping_.exchange(true)) { return; }
    sockets_.close();
    follower_.reset();
    // Probes go on answering (not ready) while calls in flight end.
    if (gateway_ != nullptr) { gateway_->stop(); }
    usage_writer_.reset();
    if (admin_ != nullptr) { admin_->stop(kAdminGrace); }
    sender_.reset();
}

Node::~Node() {
    stop();
}

}  // namespace lintel::app
