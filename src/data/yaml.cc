#include "data/yaml.h"

#include <fmt/core.h>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <istream>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <streambuf>
#include <utility>
#include <vector>

#include "base/text.h"
#include "data/yaml_scalar.h"

namespace lintel::data {
namespace {

constexpr std::string_view kCoreTag = "tag:yaml.org,2002:";

struct Place {
    int line = 0;
    int column = 0;
};

Place place(const YAML::Mark& mark) {
    return {mark.line + 1, mark.column + 1};
}

struct Complaint {
    Place at;
    std::string reason;
};

/// Gives out the text until it is told to stop, which makes the library's parser end soon after a
/// budget is spent.
class StoppableText final : public std::streambuf {
public:
    StoppableText(std::string_view text, const std::optional<Complaint>* complaint)
        : rest_(text), complaint_(complaint) {}

protected:
    int_type underflow() override {
        if (complaint_->has_value() || rest_.empty()) { return traits_type::eof(); }
        constexpr std::size_t kChunk = 4096;
        buffer_.assign(rest_.substr(0, kChunk));
        rest_.remove_prefix(buffer_.size());
        setg(buffer_.data(), buffer_.data(), buffer_.data() + buffer_.size());
        return traits_type::to_int_type(buffer_.front());
    }

private:
    std::string_view rest_;
    std::string buffer_;
    const std::optional<Complaint>* complaint_;
};

enum class Kind { Scalar, Sequence, Map, Alias };

struct Node {
    Kind kind = Kind::Scalar;
    Place at;
    std::string tag;                      ///< "?": plain, "!": quoted, else as written
    std::string text;                     ///< of a scalar
    std::vector<std::uint32_t> children;  ///< of a map: key, value, key, value
    std::uint32_t target = 0;             ///< of an alias
};

/// Collects the events of the library's parser as a tree in which aliases stay aliases: nothing is
/// expanded here, so what is kept is never larger than the text.
class Tree final : public YAML::EventHandler {
public:
    explicit Tree(const YamlLimits& limits) : limits_(limits) {}

    void OnDocumentStart(const YAML::Mark& mark) override {
        if (++documents_ > 1) { complain(place(mark), "only one document is allowed in a file"); }
    }
    void OnDocumentEnd() override {}

    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        add({Kind::Scalar, place(mark), "?", "null", {}, 0}, anchor);
    }
    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  const std::string& value) override {
        add({Kind::Scalar, place(mark), tag, value, {}, 0}, anchor);
    }
    void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        if (++aliases_ > limits_.max_aliases) {
            return complain(place(mark),
                            fmt::format("there are more than {} aliases", limits_.max_aliases));
        }
        const auto target = anchors_.find(anchor);
        if (target == anchors_.end()) { return complain(place(mark), "the alias has no anchor"); }
        if (std::ranges::find(open_, target->second) != open_.end()) {
            return complain(place(mark), "the alias stands inside what it repeats");
        }
        add({Kind::Alias, place(mark), "?", {}, {}, target->second}, 0);
    }
    void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value) override {
        start({Kind::Sequence, place(mark), tag, {}, {}, 0}, anchor);
    }
    void OnSequenceEnd() override { end(); }
    void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value) override {
        start({Kind::Map, place(mark), tag, {}, {}, 0}, anchor);
    }
    void OnMapEnd() override { end(); }

    void complain(Place at, std::string reason) {
        if (!complaint_) { complaint_ = Complaint{at, std::move(reason)}; }
    }
    const std::optional<Complaint>& complaint() const { return complaint_; }
    const std::vector<Node>& nodes() const { return nodes_; }
    bool empty() const { return nodes_.empty(); }

private:
    std::optional<std::uint32_t> add(Node node, YAML::anchor_t anchor) {
        if (complaint_) { return std::nullopt; }
        if (nodes_.size() >= limits_.max_nodes) {
            complain(node.at, fmt::format("there are more than {} values", limits_.max_nodes));
            return std::nullopt;
        }
        const auto index = static_cast<std::uint32_t>(nodes_.size());
        nodes_.push_back(std::move(node));
        if (anchor != 0) { anchors_[anchor] = index; }
        if (!open_.empty()) { nodes_[open_.back()].children.push_back(index); }
        return index;
    }

    void start(Node node, YAML::anchor_t anchor) {
        if (open_.size() >= limits_.max_depth) {
            complain(node.at, fmt::format("it is nested deeper than {} levels", limits_.max_depth));
        }
        if (const auto index = add(std::move(node), anchor)) { open_.push_back(*index); }
    }

    void end() {
        if (!complaint_) { open_.pop_back(); }
    }

    const YamlLimits& limits_;
    std::vector<Node> nodes_;
    std::vector<std::uint32_t> open_;  // from the root inwards
    std::map<YAML::anchor_t, std::uint32_t> anchors_;
    std::size_t aliases_ = 0;
    std::size_t documents_ = 0;
    std::optional<Complaint> complaint_;
};

/// Makes the JSON value of a tree. Here aliases and merge keys are expanded, so here the budgets
/// are counted again.
class Converter {
public:
    Converter(const std::vector<Node>& nodes, const YamlLimits& limits)
        : nodes_(nodes), limits_(limits) {}

    Json convert(std::uint32_t index, std::size_t depth) {
        if (complaint_) { return nullptr; }
        const Node& node = nodes_[index];
        if (node.kind == Kind::Alias) { return convert(node.target, depth); }
        if (++converted_ > limits_.max_nodes) {
            return complain(node, fmt::format("expanding the aliases gives more than {} values",
                                              limits_.max_nodes));
        }
        if (node.kind == Kind::Scalar) { return scalar(node); }
        if (depth >= limits_.max_depth) {
            return complain(node,
                            fmt::format("it is nested deeper than {} levels", limits_.max_depth));
        }
        return node.kind == Kind::Sequence ? sequence(node, depth) : map(node, depth);
    }

    const std::optional<Complaint>& complaint() const { return complaint_; }

private:
    struct Entry {
        std::string name;
        std::uint32_t key;
        std::uint32_t value;
        bool merge;
    };

    Json complain(const Node& node, std::string reason) {
        if (!complaint_) { complaint_ = Complaint{node.at, std::move(reason)}; }
        return nullptr;
    }

    const Node& target(std::uint32_t index) const {
        const Node& node = nodes_[index];
        return node.kind == Kind::Alias ? nodes_[node.target] : node;
    }

    Json scalar(const Node& node) {
        // The library turns the escape \N into a byte that is not UTF-8.
        if (!is_valid_utf8(node.text)) {
            return complain(node, "the text has an escape that is not a character");
        }
        if (node.tag == "!" || node.tag == fmt::format("{}str", kCoreTag)) { return node.text; }
        const std::optional<Json> value = resolve_plain_scalar(node.text);
        if (value && value->is_number_float() && !std::isfinite(value->get<double>())) {
            return complain(node, "JSON has no such number; quote it if it is meant as text");
        }
        if (node.tag == "?" || node.tag.empty()) { return value ? *value : Json(node.text); }
        if (value && tag_names(node.tag, *value)) { return *value; }
        return complain(node, fmt::format("the tag {} is not allowed here", node.tag));
    }

    static bool tag_names(const std::string& tag, const Json& value) {
        if (!tag.starts_with(kCoreTag)) { return false; }
        const std::string_view name = std::string_view(tag).substr(kCoreTag.size());
        return (name == "null" && value.is_null()) || (name == "bool" && value.is_boolean()) ||
               (name == "int" && value.is_number_integer()) ||
               (name == "float" && value.is_number());
    }

    bool tag_allowed(const Node& node, std::string_view name) {
        if (node.tag.empty() || node.tag == "?" || node.tag == "!" ||
            node.tag == fmt::format("{}{}", kCoreTag, name)) {
            return true;
        }
        complain(node, fmt::format("the tag {} is not allowed here", node.tag));
        return false;
    }

    Json sequence(const Node& node, std::size_t depth) {
        if (!tag_allowed(node, "seq")) { return nullptr; }
        Json result = Json::array();
        for (const std::uint32_t child : node.children) {
            result.push_back(convert(child, depth + 1));
        }
        return result;
    }

    std::vector<Entry> entries(const Node& node) {
        std::vector<Entry> result;
        std::set<std::string> names;
        for (std::size_t i = 0; i + 1 < node.children.size(); i += 2) {
            const Node& key = target(node.children[i]);
            if (key.kind != Kind::Scalar) {
                complain(nodes_[node.children[i]], "a key must be text");
                break;
            }
            const bool merge = key.tag == "?" && key.text == "<<";
            if (!names.insert(key.text).second) {
                complain(nodes_[node.children[i]],
                         fmt::format("the key '{}' is repeated", key.text));
                break;
            }
            result.push_back({key.text, node.children[i], node.children[i + 1], merge});
        }
        return result;
    }

    Json map(const Node& node, std::size_t depth) {
        if (!tag_allowed(node, "map")) { return nullptr; }
        const std::vector<Entry> list = entries(node);
        std::set<std::string> taken;  // keys written out win over merged ones
        for (const Entry& entry : list) {
            if (!entry.merge) { taken.insert(entry.name); }
        }
        Json result = Json::object();
        std::vector<std::pair<const std::string, Json>>& members =
            result.get_ref<Json::object_t&>();
        for (const Entry& entry : list) {
            if (complaint_) { return nullptr; }
            if (!entry.merge) {
                members.emplace_back(entry.name, convert(entry.value, depth + 1));
                continue;
            }
            for (const std::uint32_t source : merge_sources(entry)) {
                Json merged = convert(source, depth);
                if (complaint_) { return nullptr; }
                for (auto& [name, value] : merged.get_ref<Json::object_t&>()) {
                    if (taken.insert(name).second) { members.emplace_back(name, std::move(value)); }
                }
            }
        }
        return result;
    }

    std::vector<std::uint32_t> merge_sources(const Entry& entry) {
        const Node& value = target(entry.value);
        if (value.kind == Kind::Map) { return {entry.value}; }
        const bool maps = value.kind == Kind::Sequence &&
                          std::ranges::all_of(value.children, [this](std::uint32_t child) {
                              return target(child).kind == Kind::Map;
                          });
        if (maps) { return value.children; }
        complain(nodes_[entry.value], "the value of << must be a map or a list of maps");
        return {};
    }

    const std::vector<Node>& nodes_;
    const YamlLimits& limits_;
    std::size_t converted_ = 0;
    std::optional<Complaint> complaint_;
};

std::unexpected<Error> refuse(const Complaint& complaint) {
    std::string detail = fmt::format("line {}, column {}: {}", complaint.at.line,
                                     complaint.at.column, complaint.reason);
    Error error{Code::FileInvalid, "The text is not valid YAML: " + detail};
    error.faults.push_back({"", "yaml.malformed", std::move(detail)});
    return fail(std::move(error));
}

Place place_of_byte(std::string_view text, std::size_t offset) {
    const std::string_view before = text.substr(0, offset);
    const std::size_t line_start = before.rfind('\n') + 1;
    return {static_cast<int>(std::ranges::count(before, '\n')) + 1,
            static_cast<int>(before.size() - line_start) + 1};
}

/// What the library would repair, misread or take for the end of the text.
std::optional<Complaint> objection(std::string_view text) {
    if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) {
        return Complaint{{1, 1}, "the file is UTF-16; save it as UTF-8"};
    }
    const auto control = std::ranges::find_if(text, [](char c) {
        return (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\r' && c != '\t') ||
               c == 0x7F;
    });
    if (control != text.end()) {
        return Complaint{place_of_byte(text, static_cast<std::size_t>(control - text.begin())),
                         "a control character is not allowed"};
    }
    if (!is_valid_utf8(text)) { return Complaint{{1, 1}, "the file is not valid UTF-8"}; }
    return std::nullopt;
}

}  // namespace

Result<Json> parse_yaml(std::string_view text, const YamlLimits& limits) {
    if (text.starts_with(kByteOrderMark)) { text.remove_prefix(kByteOrderMark.size()); }
    if (const auto bad = objection(text)) { return refuse(*bad); }
    Tree tree(limits);
    StoppableText buffer(text, &tree.complaint());
    std::istream stream(&buffer);
    // The library refuses more than 500 levels itself (its DepthGuard), so deep input cannot
    // exhaust the stack before the smaller limit here ends it.
    try {
        YAML::Parser parser(stream);
        while (!tree.complaint() && parser.HandleNextDocument(tree)) {}
    } catch (const YAML::Exception& error) {
        tree.complain(place(error.mark), error.msg);
    } catch (const std::exception& error) { tree.complain({1, 1}, error.what()); }
    if (tree.complaint()) { return refuse(*tree.complaint()); }
    if (tree.empty()) { return refuse({{1, 1}, "the file is empty"}); }
    Converter converter(tree.nodes(), limits);
    Json result = converter.convert(0, 0);
    if (converter.complaint()) { return refuse(*converter.complaint()); }
    return result;
}

}  // namespace lintel::data
