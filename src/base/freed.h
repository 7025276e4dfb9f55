// Ownership of what C libraries hand out.
#pragma once

namespace lintel {

/// Deleter that calls a function: std::unique_ptr<X509, Freed<X509_free>>.
template <auto Free>
struct Freed {
    template <typename T>
    void operator()(T* object) const {
        Free(object);
    }
};

}  // namespace lintel
