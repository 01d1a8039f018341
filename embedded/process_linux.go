package embedded

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// dieWithUs has the kernel signal the child when its parent thread ends. Go asks
// for it after the change of account, which would have cleared it.
func dieWithUs(attr *syscall.SysProcAttr, farewell syscall.Signal) { attr.Pdeathsig = farewell }

func worksIn(pid int, folder string) bool {
	at, err := os.Readlink(fmt.Sprintf("/proc/%d/cwd", pid))
	if err != nil { // gone, or somebody else's
		return false
	}
	real, err := filepath.EvalSymlinks(folder)
	return err == nil && at == real
}
