package config

import (
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
)

// loadText reads the settings from a file with the text and the variables, in a
// data folder of the test's own.
func loadText(t *testing.T, text string, vars ...string) (Config, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "passerelles.toml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return Load(file, append([]string{"HOME=" + filepath.Dir(file)}, vars...))
}

func TestExampleIsTheDefaults(t *testing.T) {
	t.Parallel()
	var shown Config
	meta, err := toml.Decode(Example, &shown)
	if err != nil {
		t.Fatal(err)
	}
	for key, field := range fieldsBy("toml") {
		if !meta.IsDefined(key) {
			t.Errorf("example.toml does not show %s", key)
		}
		if variable := field.Tag.Get("env"); !strings.Contains(Example, variable) {
			t.Errorf("example.toml does not name %s", variable)
		}
	}
	if extra := meta.Undecoded(); len(extra) > 0 {
		t.Errorf("example.toml has unknown settings %v", extra)
	}
	shown.AllowNetworks, shown.AllowPorts = nil, nil // empty lists, which say the same as none
	if want := Default(); !reflect.DeepEqual(shown, want) {
		t.Errorf("example.toml says\n%+v, the defaults are\n%+v", shown, want)
	}
	if _, err := loadText(t, Example); err != nil {
		t.Errorf("Load of example.toml: %v", err)
	}
}

func TestLoadReads(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		file string
		vars []string
		got  func(Config) any
		want any
	}{
		"the file":                       {`name = "Réseau"`, nil, func(c Config) any { return c.Name }, "Réseau"},
		"the environment over the file":  {`slots = 5`, []string{"PASSERELLES_SLOTS=7"}, func(c Config) any { return c.Slots }, 7},
		"an empty variable as not set":   {`slots = 5`, []string{"PASSERELLES_SLOTS="}, func(c Config) any { return c.Slots }, 5},
		"empty metrics as off":           {``, []string{"PASSERELLES_METRICS_LISTEN="}, func(c Config) any { return c.MetricsListen }, ""},
		"metrics when nothing is said":   {``, nil, func(c Config) any { return c.MetricsListen }, "localhost:9090"},
		"the database from its variable": {``, []string{"DATABASE_URL=postgres://h/d"}, func(c Config) any { return c.DatabaseURL }, "postgres://h/d"},
		"Redis from its variable":        {``, []string{"REDIS_URL=redis://h/0"}, func(c Config) any { return c.RedisURL }, "redis://h/0"},
		"Redis by a socket":              {``, []string{"REDIS_URL=redis-socket:///run/r.sock?db=1"}, func(c Config) any { return c.RedisURL }, "redis-socket:///run/r.sock?db=1"},
		"a Redis Cluster":                {``, []string{"REDIS_URL=redis-cluster://a:1?addr=b:2"}, func(c Config) any { return c.RedisURL }, "redis-cluster://a:1?addr=b:2"},
		"networks of the file, masked":   {`allow_networks = ["10.1.2.3/8"]`, nil, func(c Config) any { return c.AllowNetworks }, []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}},
		"networks of the environment": {``, []string{"PASSERELLES_ALLOW_NETWORKS=127.0.0.0/8, ::1/128"}, func(c Config) any { return c.AllowNetworks },
			[]netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}},
		"ports":                     {``, []string{"PASSERELLES_ALLOW_PORTS=8443,9443"}, func(c Config) any { return c.AllowPorts }, []uint16{8443, 9443}},
		"a carrier of e-mail":       {"smtp_address = \"127.0.0.1:25\"\nsmtp_from = \"a@b.example\"", []string{"PASSERELLES_SMTP_TLS=none"}, func(c Config) any { return c.SMTPAddress + c.SMTPTLS }, "127.0.0.1:25none"},
		"true":                      {``, []string{"PASSERELLES_ALLOW_HTTP=true"}, func(c Config) any { return c.AllowHTTP }, true},
		"an origin without a slash": {`origin = "https://Makers.Example:443/"`, nil, func(c Config) any { return c.Origin }, "https://makers.example"},
		"a data folder":             {`data = "/srv/p"`, nil, func(c Config) any { return c.Data }, "/srv/p"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, err := loadText(t, tc.file, tc.vars...)
			if err != nil {
				t.Fatal(err)
			}
			if got := tc.got(c); !reflect.DeepEqual(got, tc.want) {
				t.Errorf("got %v, want %v", got, tc.want)
			}
		})
	}
}

func TestLoadRefuses(t *testing.T) {
	t.Parallel()
	public := `origin = "https://passerelles.quebec"` + "\n"
	for name, tc := range map[string]struct{ file, vars, want string }{
		"an unknown setting":      {`colour = "red"`, "", `passerelles.toml: "colour" is not a setting`},
		"a table":                 {"[server]\nname = \"x\"", "", `passerelles.toml: "server" is not a setting`},
		"what is not TOML":        {"name = \"x\"\nslots = = 3", "", "passerelles.toml, line 2: "},
		"a text for a number":     {`slots = "many"`, "", "passerelles.toml: slots must be a whole number"},
		"a number for a text":     {`name = 3`, "", "passerelles.toml: name must be a text"},
		"a port out of range":     {`allow_ports = [70000]`, "", "passerelles.toml: allow_ports must be ports between 1 and 65535"},
		"port zero":               {`allow_ports = [0]`, "", "allow_ports must hold ports"},
		"a host for a network":    {`allow_networks = ["10.0.0.1"]`, "", "passerelles.toml: allow_networks must be networks such as 10.0.0.0/8"},
		"a wrong variable":        {"", "PASSERELLES_SLOTS=many", "PASSERELLES_SLOTS must be a whole number"},
		"a wrong list":            {"", "PASSERELLES_ALLOW_NETWORKS=here", "PASSERELLES_ALLOW_NETWORKS must be networks"},
		"neither true nor false":  {"", "PASSERELLES_ALLOW_HTTP=perhaps", "PASSERELLES_ALLOW_HTTP must be true or false"},
		"an origin with a path":   {`origin = "https://a.example/forum"`, "", "origin must be a scheme and a host only"},
		"an origin with a user":   {`origin = "https://a@a.example"`, "", "origin must be a scheme and a host only"},
		"an origin without host":  {`origin = "https://"`, "", "origin must be an address"},
		"another scheme":          {`origin = "ftp://a.example"`, "", "origin must be an address"},
		"no scheme":               {`origin = "localhost:8080"`, "", "origin must be an address"},
		"a host with accents":     {`origin = "https://québec.example"`, "", "origin must have a host in plain letters"},
		"an origin's port 0":      {`origin = "http://localhost:0"`, "", "origin must have a port"},
		"a listen without port":   {`listen = "localhost"`, "", "listen must be a host and a port"},
		"a port twice":            {`metrics_listen = "localhost:8080"`, "", "metrics_listen and listen must not be the same"},
		"another database":        {`database_url = "mysql://h/d"`, "", "database_url must begin with postgres://"},
		"another motor":           {`redis_url = "localhost:6379"`, "", "redis_url must begin with redis://"},
		"half a certificate":      {`tls_cert = "config.go"`, "", "tls_cert and tls_key must be set together"},
		"a certificate not there": {`tls_cert = "/none"`, "", "tls_cert: there is no file /none"},
		"no name":                 {`name = "  "`, "", "name must be one line"},
		"a contact with a name":   {`contact = "Ana <ana@example.org>"`, "", "contact must be an e-mail address"},
		"another language":        {`language = "de"`, "", "language must be one of fr, en"},
		"another log level":       {`log_level = "loud"`, "", "log_level must be one of"},
		"another log format":      {`log_format = "xml"`, "", "log_format must be one of text, json"},
		"a carrier without port":  {`smtp_address = "mail.example"`, "PASSERELLES_SMTP_FROM=a@b.example", "smtp_address must be a host and a port"},
		"a carrier, nobody from":  {`smtp_address = "mail.example:587"`, "", "smtp_from must be set with smtp_address"},
		"a sender with a name":    {`smtp_from = "A <a@b.example>"`, "", "smtp_from must be an e-mail address"},
		"half a sign-in":          {"smtp_address = \"mail.example:587\"\nsmtp_from = \"a@b.example\"\nsmtp_user = \"a\"", "", "smtp_user and smtp_password_file must be set together"},
		"letters in the open":     {"smtp_address = \"mail.example:25\"\nsmtp_from = \"a@b.example\"\nsmtp_tls = \"none\"", "", "smtp_tls may be none only"},
		"another beginning":       {`smtp_tls = "maybe"`, "", "smtp_tls must be one of"},
		"no slots":                {`slots = 0`, "", "slots must be between 1 and"},
		"too small a body":        {`max_body = 10`, "", "max_body must be between"},
		"networks in public":      {public + `allow_networks = ["10.0.0.0/8"]`, "", "allow_networks is for tests only"},
		"ports in public":         {public, "PASSERELLES_ALLOW_PORTS=8443", "allow_ports is for tests only"},
		"http in public":          {public + `allow_http = true`, "", "allow_http is for tests only"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := loadText(t, tc.file, tc.vars)
			if err == nil || !strings.HasPrefix(err.Error(), tc.want) && !strings.Contains(err.Error(), "\n"+tc.want) {
				t.Errorf("error = %v, want %q", err, tc.want)
			}
		})
	}
}

func TestLoadNamesEveryProblemAtOnce(t *testing.T) {
	t.Parallel()
	_, err := loadText(t, "colour = 1\nslots = \"a\"\nlanguage = \"de\"", "PASSERELLES_MAX_BODY=big", "PASSERELLES_ALLOW_HTTP=maybe")
	want := []string{
		`passerelles.toml: "colour" is not a setting`,
		"passerelles.toml: slots must be a whole number",
		"PASSERELLES_ALLOW_HTTP must be true or false",
		"PASSERELLES_MAX_BODY must be a whole number",
		"language must be one of fr, en",
	}
	if got := strings.Split(err.Error(), "\n"); !reflect.DeepEqual(got, want) {
		t.Errorf("problems = %q, want %q", got, want)
	}
}

func TestLoadNeverShowsAPassword(t *testing.T) {
	t.Parallel()
	_, err := loadText(t, "", "DATABASE_URL=mysql://u:hunter2@h/d", "REDIS_URL=http://:hunter2@h")
	if err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("error = %v, want sentences without the password", err)
	}
}

func TestLoadFindsTheFile(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	if c, err := Load("", []string{"PASSERELLES_DATA=" + data}); err != nil || c.Data != data {
		t.Errorf("without a file: data %q, error %v, want %q and none", c.Data, err, data)
	}
	file := filepath.Join(data, "passerelles.toml")
	if err := os.WriteFile(file, []byte(`name = "Found"`), 0o600); err != nil {
		t.Fatal(err)
	}
	if c, err := Load("", []string{"PASSERELLES_DATA=" + data}); err != nil || c.Name != "Found" {
		t.Errorf("in the data folder: name %q, error %v", c.Name, err)
	}
	if c, err := Load("", []string{"HOME=" + data, "PASSERELLES_CONFIG=" + file}); err != nil || c.Name != "Found" {
		t.Errorf("by PASSERELLES_CONFIG: name %q, error %v", c.Name, err)
	}
	if _, err := Load(filepath.Join(data, "none.toml"), []string{"HOME=" + data}); err == nil {
		t.Error("a named file that is not there is let through")
	}
}

// TestLoadFindsTheMachinesFile: nobody who administers an installed server has to name
// its settings at each command.
func TestLoadFindsTheMachinesFile(t *testing.T) {
	t.Parallel()
	etc := filepath.Join(t.TempDir(), "passerelles.toml")
	if err := os.WriteFile(etc, []byte(`name = "Machine"`), 0o600); err != nil {
		t.Fatal(err)
	}
	data := t.TempDir()
	if err := os.WriteFile(filepath.Join(data, "passerelles.toml"), []byte(`name = "Data"`), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		path string
		vars []string
		want string
	}{
		"when nothing is named":         {"", []string{"HOME=" + data}, "Machine"},
		"not before the one named":      {filepath.Join(data, "passerelles.toml"), []string{"HOME=" + data}, "Data"},
		"not before the variable's":     {"", []string{"HOME=" + data, "PASSERELLES_CONFIG=" + filepath.Join(data, "passerelles.toml")}, "Data"},
		"not beside a data folder":      {"", []string{"PASSERELLES_DATA=" + data}, "Data"},
		"not beside one without a file": {"", []string{"PASSERELLES_DATA=" + t.TempDir()}, "Passerelles"},
	} {
		if c, err := load(tc.path, tc.vars, etc); err != nil || c.Name != tc.want {
			t.Errorf("%s: the name is %q (%v), want %q", name, c.Name, err, tc.want)
		}
	}
}

// TestTrialsLieApart: what root tries out is not in the folder of a server installed later.
func TestTrialsLieApart(t *testing.T) {
	t.Parallel()
	trial, server := "/var/lib/passerelles-trial", "/var/lib/passerelles"
	if os.Geteuid() != 0 {
		trial, server = "/h/.local/share/passerelles", "/h/.local/share/passerelles"
	}
	for origin, want := range map[string]string{"http://localhost:8080": trial, "https://passerelles.example": server} {
		if c, err := loadText(t, "", "HOME=/h", "PASSERELLES_ORIGIN="+origin); err != nil || c.Data != want {
			t.Errorf("the data of %s lie in %s (%v), want %s", origin, c.Data, err, want)
		}
	}
}
