// A request head of HTTP/2 written as the HTTP/1.1 head it stands for: one parser then decides for
// both versions what is acceptable, and nothing that could be read in two ways gets past it
// (RFC 9113 section 8.2 and 8.3, the rules nghttp2 does not know included). Internal to the server.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace lintel::http {

/// Used for head after head.
class Http2RequestText {
public:
    void begin();
    /// A field in order of arrival. False when the head is malformed: the stream must be reset.
    bool add(std::string_view name, std::string_view value);
    /// No more fields; `body`: the stream goes on. False when the head is malformed.
    bool finish(bool body);
    /// Valid until begin().
    std::string_view text() const { return text_; }
    /// So far; each crumb of a cookie is one.
    std::size_t fields() const { return fields_; }
    /// "te: trailers" was among the fields.
    bool accepts_trailers() const { return accepts_trailers_; }
    /// Gives back what a large head took.
    void shrink();

private:
    bool add_pseudo(std::string_view name, std::string_view value);
    bool add_host(std::string_view value);
    bool write_request_line();
    void write(std::string_view name, std::string_view value);

    std::string method_;
    std::string path_;
    std::string host_;
    std::string cookies_;  ///< RFC 9113 section 8.2.3: crumbs are one field
    std::string text_;
    std::size_t fields_ = 0;
    bool begun_ = false;    ///< the request line is written
    bool counted_ = false;  ///< there is a Content-Length
    bool accepts_trailers_ = false;
};

}  // namespace lintel::http
