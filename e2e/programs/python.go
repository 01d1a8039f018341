package programs

import (
	"os/exec"
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
	packages := []string{"python3", pkg}
	install(t, packages)
	if !has() {
		giveUp(t, module, packages)
	}
	return python
}
