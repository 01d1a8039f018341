package programs

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// Python gives the path of Debian's Python, with a module that a package of Debian's brings.
func Python(t testing.TB, module, pkg string) string {
	t.Helper()
	const python = "/usr/bin/python3" // another one does not see Debian's modules
	has := func() bool { return exec.Command(python, "-c", "import "+module).Run() == nil }
	if has() {
		return python
	}
	installing.Lock()
	defer installing.Unlock()
	install(t, strings.Fields("python3 "+pkg))
	if has() {
		return python
	}
	why := module + " is not installed: run sudo apt-get install -y " + pkg
	if os.Getenv("CI") != "" {
		t.Fatal(why)
	}
	t.Skip(why)
	return ""
}
