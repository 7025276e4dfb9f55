#include "app/settings.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

#include <unistd.h>

namespace lintel::app {
namespace {

class SettingsFile {
public:
    explicit SettingsFile(std::string_view text)
        : path_(std::filesystem::temp_directory_path() /
                fmt::format("lintel-settings-{}.yaml", ::getpid())) {
        std::ofstream(path_) << text;
    }
    ~SettingsFile() { std::filesystem::remove(path_); }
    std::string path() const { return path_.string(); }

private:
    std::filesystem::path path_;
};

TEST(Settings, EveryDefaultIsAllowed) {
    EXPECT_TRUE(Settings::build({}).has_value());
}

TEST(Settings, EveryExampleIsAllowed) {
    for (const SettingInfo& setting : all_settings()) {
        SettingSources sources;
        sources.flags[std::string(setting.name)] = setting.example;
        const auto settings = Settings::build(sources);
        EXPECT_TRUE(settings.has_value()) << setting.name;
    }
}

TEST(Settings, EverySettingIsDeclaredWholly) {
    for (const SettingInfo& setting : all_settings()) {
        EXPECT_FALSE(setting.doc.empty()) << setting.name;
        EXPECT_TRUE(setting.doc.ends_with('.')) << setting.name;
        EXPECT_FALSE(setting.example.empty()) << setting.name;
        EXPECT_EQ(find_setting(setting.name), &setting) << "declared twice: " << setting.name;
    }
}

TEST(Settings, FlagsWinOverEnvironmentOverFileOverDefaults) {
    SettingSources sources;
    sources.file = {{"workers", "1"}, {"log_level", "warn"}, {"drain", "1s"}};
    sources.environment = {{"workers", "2"}, {"log_level", "error"}};
    sources.flags = {{"workers", "3"}};
    const auto settings = Settings::build(sources);
    ASSERT_TRUE(settings.has_value());
    EXPECT_EQ(settings->integer("workers"), 3);
    EXPECT_EQ(settings->origin("workers"), Origin::Flag);
    EXPECT_EQ(settings->text("log_level"), "error");
    EXPECT_EQ(settings->origin("log_level"), Origin::Environment);
    EXPECT_EQ(settings->duration("drain"), std::chrono::seconds(1));
    EXPECT_EQ(settings->origin("drain"), Origin::File);
    EXPECT_EQ(settings->origin("listen"), Origin::Default);
}

TEST(Settings, EveryWrongValueIsNamedAtOnce) {
    SettingSources sources;
    sources.flags = {{"workers", "many"},       {"listen", "nowhere"},  {"log_level", "loud"},
                     {"import.max_bytes", "1"}, {"session.life", "1w"}, {"production", "perhaps"}};
    const auto settings = Settings::build(sources);
    ASSERT_FALSE(settings.has_value());
    EXPECT_EQ(settings.error().code, Code::ConfigInvalid);
    EXPECT_EQ(settings.error().faults.size(), 6U);
}

TEST(Settings, EnvironmentNamesComeFromSettingNames) {
    const char* const environment[] = {"LINTEL_ADMIN_LISTEN=127.0.0.1:1",
                                       "LINTEL_IMPORT_MAX_BYTES=2048",
                                       "LINTEL_TOKEN=secret",
                                       "LINTEL_WORKRES=2",
                                       "PATH=/bin",
                                       nullptr};
    std::vector<std::string> unknown;
    const SettingTexts texts = read_environment(environment, unknown);
    EXPECT_EQ(texts.size(), 2U);
    EXPECT_EQ(texts.at("admin.listen"), "127.0.0.1:1");
    EXPECT_EQ(texts.at("import.max_bytes"), "2048");
    EXPECT_EQ(unknown, std::vector<std::string>{"LINTEL_WORKRES"});
}

TEST(Settings, FileKeysNest) {
    const SettingsFile file(
        "admin:\n  listen: 127.0.0.1:9081\n  hosts: [a.example, b.example]\n"
        "production: true\nworkers: 2\n");
    SettingSources sources;
    const Status read = read_settings_file(file.path(), sources);
    ASSERT_TRUE(read.has_value()) << read.error().message;
    EXPECT_EQ(sources.file.at("admin.listen"), "127.0.0.1:9081");
    const auto settings = Settings::build(sources);
    ASSERT_TRUE(settings.has_value());
    EXPECT_EQ(settings->list("admin.hosts"), (std::vector<std::string>{"a.example", "b.example"}));
    EXPECT_TRUE(settings->flag("production"));
}

TEST(Settings, UnknownKeysAreRefusedWithASuggestionBesideEveryOtherFault) {
    const SettingsFile file("admin:\n  lisen: 127.0.0.1:9081\nworkers: many\n");
    SettingSources sources;
    ASSERT_TRUE(read_settings_file(file.path(), sources).has_value());
    const auto settings = Settings::build(sources);
    ASSERT_FALSE(settings.has_value());
    const std::string& message = settings.error().message;
    EXPECT_NE(message.find("did you mean 'admin.listen'?"), std::string::npos) << message;
    EXPECT_NE(message.find("workers"), std::string::npos) << message;
}

TEST(Settings, AMissingFileIsNamed) {
    SettingSources sources;
    const Status read = read_settings_file("/nonexistent/lintel.yaml", sources);
    ASSERT_FALSE(read.has_value());
    EXPECT_NE(read.error().message.find("/nonexistent/lintel.yaml"), std::string::npos);
}

TEST(Settings, AddressesHaveHostAndPort) {
    const auto v6 = parse_host_and_port("[::1]:80");
    ASSERT_TRUE(v6.has_value());
    EXPECT_EQ(v6->host, "::1");
    EXPECT_EQ(v6->port, 80);
    EXPECT_EQ(parse_host_and_port(":8080")->host, "0.0.0.0");
    EXPECT_EQ(parse_host_and_port("localhost:1")->host, "127.0.0.1");
    for (const char* wrong : {"", "8080", "127.0.0.1", "127.0.0.1:", "127.0.0.1:99999", "x:80",
                              "127.0.0.1:-1", "127.0.0.1:8o"}) {
        EXPECT_FALSE(parse_host_and_port(wrong).has_value()) << wrong;
    }
}

TEST(Settings, DurationsHaveUnits) {
    EXPECT_EQ(parse_duration("90"), std::chrono::seconds(90));
    EXPECT_EQ(parse_duration("90s"), std::chrono::seconds(90));
    EXPECT_EQ(parse_duration("30m"), std::chrono::minutes(30));
    EXPECT_EQ(parse_duration("8h"), std::chrono::hours(8));
    EXPECT_EQ(parse_duration("2d"), std::chrono::hours(48));
    for (const char* wrong : {"", "s", "-1s", "1w", "1.5h", "99999999999d"}) {
        EXPECT_FALSE(parse_duration(wrong).has_value()) << wrong;
    }
}

}  // namespace
}  // namespace lintel::app
