// Waiting in line for a connection. Internal to the client.
#pragma once

#include <list>

#include "async/waiter.h"

namespace lintel::http {

/// A place in the line; left when the wait ends or is cancelled.
class WaitingPlace {
public:
    WaitingPlace(std::list<async::Waiter*>& line, async::Waiter& waiter)
        : line_(line), place_(line.insert(line.end(), &waiter)) {}
    WaitingPlace(const WaitingPlace&) = delete;
    WaitingPlace& operator=(const WaitingPlace&) = delete;
    ~WaitingPlace() { line_.erase(place_); }

private:
    std::list<async::Waiter*>& line_;
    std::list<async::Waiter*>::iterator place_;
};

}  // namespace lintel::http
