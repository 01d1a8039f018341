// Package config holds the settings, read and checked once at the start.
//
// Load reads one optional TOML file, lays the environment over it, and names
// every problem it finds at once, a sentence each. The file example.toml shows
// every setting with its default; a test keeps the two equal.
package config

import (
	_ "embed"
	"net/netip"
)

// Example is the text of example.toml: every setting with its default.
//
//go:embed example.toml
var Example string

// Config is what an administrator may set.
type Config struct {
	// Origin is how the world reaches this server, without a trailing slash.
	Origin string `toml:"origin" env:"PASSERELLES_ORIGIN"`
	// Listen is the address on which pages, inboxes and apps are answered.
	Listen string `toml:"listen" env:"PASSERELLES_LISTEN"`
	// Data is the folder of secrets, files and the private database.
	Data string `toml:"data" env:"PASSERELLES_DATA"`
	// DatabaseURL says where PostgreSQL is; empty means a private one.
	DatabaseURL string `toml:"database_url" env:"DATABASE_URL"`
	// RedisURL says where Redis is; empty means a private one.
	RedisURL string `toml:"redis_url" env:"REDIS_URL"`
	// MetricsListen is the address of the metrics; empty turns them off.
	MetricsListen string `toml:"metrics_listen" env:"PASSERELLES_METRICS_LISTEN"`
	// TLSCert is the file of the certificate; empty leaves TLS to a proxy.
	TLSCert string `toml:"tls_cert" env:"PASSERELLES_TLS_CERT"`
	// TLSKey is the file of the certificate's private key.
	TLSKey string `toml:"tls_key" env:"PASSERELLES_TLS_KEY"`
	// SecretFile holds the key-encryption key; empty means one in Data.
	SecretFile string `toml:"secret_file" env:"PASSERELLES_SECRET_FILE"`
	// AllowNetworks are private networks that we may call all the same.
	AllowNetworks []netip.Prefix `toml:"allow_networks" env:"PASSERELLES_ALLOW_NETWORKS"`
	// AllowPorts are ports that we may call besides 80 and 443.
	AllowPorts []uint16 `toml:"allow_ports" env:"PASSERELLES_ALLOW_PORTS"`
	// AllowHTTP lets us call servers that have no TLS.
	AllowHTTP bool `toml:"allow_http" env:"PASSERELLES_ALLOW_HTTP"`
	// Name is the server's name, as people read it.
	Name string `toml:"name" env:"PASSERELLES_NAME"`
	// Contact is the e-mail address of the person in charge.
	Contact string `toml:"contact" env:"PASSERELLES_CONTACT"`
	// Language is the one shown to those who did not choose: fr or en.
	Language string `toml:"language" env:"PASSERELLES_LANGUAGE"`
	// SMTPAddress is the host:port of who carries our e-mail; empty: none leaves.
	SMTPAddress string `toml:"smtp_address" env:"PASSERELLES_SMTP_ADDRESS"`
	// SMTPUser is the name under which we sign in there; empty: we do not.
	SMTPUser string `toml:"smtp_user" env:"PASSERELLES_SMTP_USER"`
	// SMTPPasswordFile holds the password that goes with the name.
	SMTPPasswordFile string `toml:"smtp_password_file" env:"PASSERELLES_SMTP_PASSWORD_FILE"`
	// SMTPFrom is the address that our e-mail comes from.
	SMTPFrom string `toml:"smtp_from" env:"PASSERELLES_SMTP_FROM"`
	// SMTPTLS says how TLS begins: starttls, tls (from the first byte) or none.
	SMTPTLS string `toml:"smtp_tls" env:"PASSERELLES_SMTP_TLS"`
	// LogLevel is the least that is logged: debug, info, warn or error.
	LogLevel string `toml:"log_level" env:"PASSERELLES_LOG_LEVEL"`
	// LogFormat is text or json.
	LogFormat string `toml:"log_format" env:"PASSERELLES_LOG_FORMAT"`
	// Slots is how many deliveries to quick servers run at a time.
	Slots int `toml:"slots" env:"PASSERELLES_SLOTS"`
	// SlowSlots is how many deliveries to slow or unknown servers do.
	SlowSlots int `toml:"slow_slots" env:"PASSERELLES_SLOW_SLOTS"`
	// InboxWorkers is how many received activities are applied at a time, and as
	// many that need the network.
	InboxWorkers int `toml:"inbox_workers" env:"PASSERELLES_INBOX_WORKERS"`
	// DatabaseConns is the most connections kept to PostgreSQL.
	DatabaseConns int `toml:"database_conns" env:"PASSERELLES_DATABASE_CONNS"`
	// MaxBody is the largest activity accepted, in bytes.
	MaxBody int64 `toml:"max_body" env:"PASSERELLES_MAX_BODY"`
	// MediaRoom is what our copies of other servers' pictures may take, in bytes.
	MediaRoom int64 `toml:"media_room" env:"PASSERELLES_MEDIA_ROOM"`
	// FileSize is the largest file that a member may attach to a post, in bytes.
	FileSize int64 `toml:"file_size" env:"PASSERELLES_FILE_SIZE"`
	// FilesPerPost is how many files one post may have; 0: none are taken.
	FilesPerPost int `toml:"files_per_post" env:"PASSERELLES_FILES_PER_POST"`
	// PostFilesSize is what all files of one post may take, in bytes.
	PostFilesSize int64 `toml:"post_files_size" env:"PASSERELLES_POST_FILES_SIZE"`
	// MemberRoom is what all files of one member may take, in bytes.
	MemberRoom int64 `toml:"member_room" env:"PASSERELLES_MEMBER_ROOM"`
	// PostsAnHour is how many posts of one person leave within an hour; 0: as many as they write.
	PostsAnHour int `toml:"posts_an_hour" env:"PASSERELLES_POSTS_AN_HOUR"`
	// AppCalls is how much one app may ask for one member within five minutes; 0: as much as it likes.
	AppCalls int `toml:"app_calls" env:"PASSERELLES_APP_CALLS"`
}

// Default gives the settings of a server that nobody has configured. Data is
// empty: it depends on who runs the server, and Load finds it.
func Default() Config {
	return Config{
		Origin:        "http://localhost:8080",
		Listen:        "localhost:8080",
		MetricsListen: "localhost:9090",
		Name:          "Passerelles",
		Language:      "fr",
		SMTPTLS:       "starttls",
		LogLevel:      "info",
		LogFormat:     "text",
		Slots:         256,
		SlowSlots:     32,
		InboxWorkers:  8,
		DatabaseConns: 24,
		MaxBody:       1 << 20,
		MediaRoom:     4 << 30,
		FileSize:      16 << 20,
		FilesPerPost:  8,
		PostFilesSize: 48 << 20,
		MemberRoom:    1 << 30,
		PostsAnHour:   60,
		AppCalls:      1500,
	}
}
