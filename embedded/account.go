package embedded

import (
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// account is who runs the servers.
type account struct {
	uid, gid int
	name     string
	other    bool // not ourselves: we are root, and PostgreSQL refuses to run as root
}

// accountFor gives who runs a server whose files are in folder: ourselves, or,
// as root, the owner of that folder or of the data folder around it, else
// postgres, else nobody.
func accountFor(folder string) (account, error) {
	if os.Geteuid() != 0 {
		return account{uid: os.Geteuid(), gid: os.Getegid(), name: "you"}, nil
	}
	for _, at := range []string{folder, filepath.Dir(folder)} {
		if owner, ok := ownerOf(at); ok && owner.uid != 0 {
			return owner, nil
		}
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, uidErr := strconv.Atoi(u.Uid)
		gid, gidErr := strconv.Atoi(u.Gid)
		if uidErr == nil && gidErr == nil {
			return account{uid: uid, gid: gid, name: name, other: true}, nil
		}
	}
	return account{}, fmt.Errorf("PostgreSQL does not run as root, and there is neither a user postgres nor a user nobody")
}

func ownerOf(path string) (account, bool) {
	info, err := os.Stat(path)
	if err != nil {
		return account{}, false
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return account{}, false
	}
	name := strconv.Itoa(int(owner.Uid))
	if u, err := user.LookupId(name); err == nil {
		name = u.Username
	}
	return account{uid: int(owner.Uid), gid: int(owner.Gid), name: name, other: true}, true
}

// give makes a file the account's, which may be the one that starts us next time.
func (a account) give(file *os.File) error {
	if !a.other {
		return nil
	}
	return file.Chown(a.uid, a.gid)
}

func (a account) credential() *syscall.Credential {
	if !a.other {
		return nil
	}
	return &syscall.Credential{Uid: uint32(a.uid), Gid: uint32(a.gid)}
}

// enters checks that the account can cross every folder on the way to path.
func (a account) enters(path string) error {
	for at := path; ; at = filepath.Dir(at) {
		info, err := os.Stat(at)
		if err != nil {
			return err
		}
		if a.other && info.IsDir() && !a.crosses(info) {
			return fmt.Errorf("the user %s cannot cross %s", a.name, at)
		}
		if at == filepath.Dir(at) {
			return nil
		}
	}
}

func (a account) crosses(folder os.FileInfo) bool {
	owner, ok := folder.Sys().(*syscall.Stat_t)
	switch {
	case !ok:
		return true
	case int(owner.Uid) == a.uid:
		return folder.Mode()&0o100 != 0
	case int(owner.Gid) == a.gid:
		return folder.Mode()&0o010 != 0
	}
	return folder.Mode()&0o001 != 0
}
