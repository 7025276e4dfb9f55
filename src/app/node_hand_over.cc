// How a node changes while it serves: settings taken over again, and everything handed to a
// successor.
#include "app/node.h"
#include "app/node_settings.h"
#include "app/upgrade.h"
#include "base/log.h"
#include "management/publisher.h"

namespace lintel::app {

namespace {

/// For reading the settings: nothing is given away yet.
constexpr std::chrono::milliseconds kPatienceToPrepare{15'000};
/// For loading and compiling everything that is published.
constexpr std::chrono::milliseconds kPatienceToServe{60'000};

void tell_failure(const Error& error) {
    log::error("the upgrade failed; this process goes on", {{"error", error.message}});
}

}  // namespace

void Node::reload(const Settings& settings) {
    gateway_->trust(trusted_proxies(settings));
    gateway_->set_connections_per_client(connections_per_client(settings));
}

bool Node::hand_over(const std::string& executable) {
    auto successor = Successor::start(executable, sockets_.all());
    if (!successor) {
        tell_failure(successor.error());
        return false;
    }
    log::info("upgrading", {{"successor", successor->process()}, {"executable", executable}});
    if (const Status prepared = successor->await(kPrepared, kPatienceToPrepare); !prepared) {
        tell_failure(prepared.error());
        return false;
    }
    give_management_away();
    const Status ready = successor->await(kReady, kPatienceToServe);
    if (ready) {
        log::info("the successor serves", {{"process", successor->process()}});
        successor->release();
        return true;
    }
    tell_failure(ready.error());
    // Killed first: the data directory must be free.
    { const Successor ended = *std::move(successor); }
    if (const Status back = take_management_back(); !back) {
        log::error("the management API stays closed: calls are answered, changes are not possible",
                   {{"error", back.error().message}});
    }
    return false;
}

void Node::give_management_away() {
    admin_->stop(kAdminGrace);
    admin_.reset();
    follower_.reset();
    sender_.reset();
    usage_writer_.reset();
    lock_.reset();
}

Status Node::take_management_back() {
    ASSIGN_OR_RETURN(lock_, DataLock::take(data_directory_));
    RETURN_IF_ERROR(opened_.store->verify_schema(clock_));
    // The successor may have changed something before it failed.
    publisher_->refresh({.kind = management::Change::Kind::Everything, .service_id = {}});
    follow_store();
    send_events();
    write_usage();
    ASSIGN_OR_RETURN(async::ListenSocket socket, sockets_.reopen({.ip = admin_address_}));
    return serve_admin(std::move(socket));
}

}  // namespace lintel::app
