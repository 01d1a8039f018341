package config

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"strings"

	"github.com/BurntSushi/toml"
	"github.com/caarlos0/env/v11"
)

// Load reads the file at path ("" means PASSERELLES_CONFIG, else whichFile) and
// the environment over it. Its error joins one sentence per problem.
func Load(path string, environ []string) (Config, error) {
	return load(path, environ, installed)
}

// installed is where the settings of a machine's server are.
const installed = "/etc/passerelles.toml"

func load(path string, environ []string, installed string) (Config, error) {
	c, vars := Default(), env.ToMap(environ)
	file, must := whichFile(cmp.Or(path, vars["PASSERELLES_CONFIG"]), vars, installed)
	problems := readFile(&c, file, must)
	problems = append(problems, readEnvironment(&c, vars)...)
	problems = append(problems, c.normalise(vars)...)
	problems = append(problems, c.check()...)
	return c, errors.Join(problems...)
}

// readFile lays the settings of the file over c.
func readFile(c *Config, path string, must bool) []error {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) && !must {
		return nil
	}
	if err != nil {
		var why *fs.PathError
		if errors.As(err, &why) {
			err = why.Err
		}
		return []error{fmt.Errorf("%s cannot be read: %w", path, err)}
	}
	return decodeTOML(c, filepath.Base(path), string(text))
}

// whichFile says where the settings are, and whether the file must be there: the one
// that is named, else the machine's, else the one in the data folder. Who names a data
// folder means another server than the machine's.
func whichFile(named string, vars map[string]string, installed string) (file string, must bool) {
	if named != "" {
		return named, true
	}
	if data := vars["PASSERELLES_DATA"]; data != "" {
		return filepath.Join(data, "passerelles.toml"), false
	}
	if _, err := os.Stat(installed); err == nil {
		return installed, true
	}
	return filepath.Join(dataFolder(vars), "passerelles.toml"), false
}

// decodeTOML reads each setting by itself, so that one mistake does not hide
// the next.
func decodeTOML(c *Config, file, text string) (problems []error) {
	var settings map[string]toml.Primitive
	meta, err := toml.Decode(text, &settings)
	var syntax toml.ParseError
	if errors.As(err, &syntax) {
		return []error{fmt.Errorf("%s, line %d: %s", file, syntax.Position.Line, syntax.Message)}
	}
	if err != nil {
		return []error{fmt.Errorf("%s: %w", file, err)}
	}
	fields := fieldsBy("toml")
	for _, key := range meta.Keys() {
		if len(key) > 1 { // inside a table, and no table is a setting
			continue
		}
		field, known := fields[key[0]]
		if !known {
			problems = append(problems, fmt.Errorf("%s: %q is not a setting", file, key[0]))
			continue
		}
		value := reflect.ValueOf(c).Elem().FieldByIndex(field.Index)
		if err := meta.PrimitiveDecode(settings[key[0]], value.Addr().Interface()); err != nil {
			problems = append(problems, fmt.Errorf("%s: %s must be %s", file, key[0], wanted(field.Type)))
		}
	}
	return problems
}

// readEnvironment lays the environment over c. An empty variable counts as not
// set, except where empty means off.
func readEnvironment(c *Config, vars map[string]string) (problems []error) {
	if metrics, set := vars["PASSERELLES_METRICS_LISTEN"]; set && metrics == "" {
		c.MetricsListen = ""
	}
	for _, list := range []string{"PASSERELLES_ALLOW_NETWORKS", "PASSERELLES_ALLOW_PORTS"} {
		vars[list] = strings.ReplaceAll(vars[list], " ", "")
	}
	var all env.AggregateError
	if err := env.ParseWithOptions(c, env.Options{Environment: vars}); err != nil && !errors.As(err, &all) {
		return []error{fmt.Errorf("the environment: %w", err)}
	}
	for _, err := range all.Errors {
		var wrong env.ParseError
		if !errors.As(err, &wrong) {
			problems = append(problems, err)
			continue
		}
		field, _ := reflect.TypeFor[Config]().FieldByName(wrong.Name)
		problems = append(problems, fmt.Errorf("%s must be %s", field.Tag.Get("env"), wanted(field.Type)))
	}
	return problems
}

// fieldsBy gives the fields of Config by the name in one of their tags.
func fieldsBy(tag string) map[string]reflect.StructField {
	fields := map[string]reflect.StructField{}
	for _, f := range reflect.VisibleFields(reflect.TypeFor[Config]()) {
		fields[f.Tag.Get(tag)] = f
	}
	return fields
}

// wanted tells a person what a setting of this type looks like.
func wanted(t reflect.Type) string {
	switch t {
	case reflect.TypeFor[[]netip.Prefix]():
		return "networks such as 10.0.0.0/8"
	case reflect.TypeFor[[]uint16]():
		return "ports between 1 and 65535"
	case reflect.TypeFor[bool]():
		return "true or false"
	case reflect.TypeFor[string]():
		return "a text"
	default:
		return "a whole number"
	}
}

// dataFolder is where data lie when nothing is said: root has /var/lib, which
// the system's user postgres may cross as it may not cross /root.
func dataFolder(vars map[string]string) string {
	if os.Geteuid() == 0 {
		return "/var/lib/passerelles"
	}
	if dir := vars["XDG_DATA_HOME"]; filepath.IsAbs(dir) {
		return filepath.Join(dir, "passerelles")
	}
	if home := vars["HOME"]; home != "" {
		return filepath.Join(home, ".local", "share", "passerelles")
	}
	return ""
}

// trialFolder is that of a server on localhost: what root tries out stays apart from
// the server that may be installed later.
func trialFolder(vars map[string]string) string {
	folder := dataFolder(vars)
	if os.Geteuid() == 0 {
		folder += "-trial"
	}
	return folder
}
