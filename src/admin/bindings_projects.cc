// Projects and their members.
#include <fmt/core.h>

#include "admin/bindings.h"
#include "management/projects.h"

namespace lintel::admin {

namespace {

management::MemberRef member_of(const Call& call) {
    return {.project = call.path_text("project"), .user = call.path_text("user")};
}

Answer project_answer(const management::Written<management::ProjectView>& written) {
    return Answer::written(to_json(written.value), written.value.project.version, written.revision);
}

Result<Answer> list_projects(const Call& call) {
    ASSIGN_OR_RETURN(const auto page,
                     management::list_projects(call.management, *call.caller, call.page()));
    return page_answer(page, [](const management::ProjectView& view) { return to_json(view); });
}

Result<Answer> create_project(const Call& call) {
    ASSIGN_OR_RETURN(const auto written,
                     management::create_project(call.management, *call.caller,
                                                call.body_text("name").value_or(""),
                                                call.body_text("description").value_or("")));
    return project_answer(written).made_at(
        fmt::format("{}/projects/{}", call.gateway_path(), written.value.project.id.str()));
}

Result<Answer> show_project(const Call& call) {
    ASSIGN_OR_RETURN(
        const management::ProjectView view,
        management::show_project(call.management, *call.caller, call.path_text("project")));
    return Answer::shown(to_json(view), view.project.version);
}

Result<Answer> edit_project(const Call& call) {
    ASSIGN_OR_RETURN(
        const auto written,
        management::edit_project(
            call.management, *call.caller, call.path_text("project"),
            {.name = call.body_text("name"), .description = call.body_text("description")},
            call.expected));
    return project_answer(written);
}

Result<Answer> delete_project(const Call& call) {
    ASSIGN_OR_RETURN(const auto written,
                     management::delete_project(call.management, *call.caller,
                                                call.path_text("project"), call.expected));
    return Answer::gone(written.revision);
}

Result<Answer> list_members(const Call& call) {
    ASSIGN_OR_RETURN(const auto found,
                     management::list_members(call.management, *call.caller,
                                              call.path_text("project"), call.page()));
    Answer answer = page_answer(found.value, [](const model::Membership& membership) {
        return model::to_json(membership);
    });
    answer.version = found.project_version;
    return answer;
}

Result<Answer> show_member(const Call& call) {
    ASSIGN_OR_RETURN(const auto found,
                     management::show_member(call.management, *call.caller, member_of(call)));
    return Answer::shown(model::to_json(found.value), found.project_version);
}

Result<Answer> put_member(const Call& call) {
    management::MemberGrade grade;
    grade.role =
        model::parse_project_role(call.body_text("role").value_or("")).value_or(grade.role);
    grade.permission = model::parse_member_permission(call.body_text("permission").value_or(""))
                           .value_or(grade.permission);
    ASSIGN_OR_RETURN(const auto written,
                     management::put_member(call.management, *call.caller, member_of(call), grade,
                                            call.expected));
    return Answer::shown(model::to_json(written.value), written.project_version);
}

Result<Answer> remove_member(const Call& call) {
    RETURN_IF_ERROR(
        management::remove_member(call.management, *call.caller, member_of(call), call.expected));
    return Answer::gone();
}

}  // namespace

std::vector<Binding> project_bindings() {
    return {
        {"listProjects", list_projects},   {"createProject", create_project},
        {"showProject", show_project},     {"editProject", edit_project},
        {"deleteProject", delete_project}, {"listMembers", list_members},
        {"showMember", show_member},       {"putMember", put_member},
        {"removeMember", remove_member},
    };
}

}  // namespace lintel::admin
