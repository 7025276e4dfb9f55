// For tests only: a store of the test's own on each engine.
#pragma once

#include <memory>

#include "store/store.h"
#include "support/empty_database.h"

namespace lintel::store {

class StoredTest : public support::OnBothEngines {
protected:
    Place place() const { return {.directory = place_.folder().path(), .server = place_.server()}; }
    std::unique_ptr<Store> open() { return Store::open(place(), key_, clock_).value(); }

    const crypto::MasterKey key_ = crypto::MasterKey::generate();
    const FakeClock clock_{1'000'000};
};

}  // namespace lintel::store
