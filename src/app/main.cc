#include "app/commands.h"

int main(int argc, char** argv) {
    return lintel::app::run_command_line(argc, argv);
}
