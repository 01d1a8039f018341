package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"passerelles/access"
	"passerelles/fault"
	"passerelles/server"
)

func (a *app) domain() *cobra.Command {
	return group("domain", "What is decided about other servers; each decision covers its subdomains",
		a.domainList(),
		a.domainDecide("suspend", "Talk with a server no more: follows end, what waits for it is dropped", access.Policy{Policy: access.Suspended}),
		a.domainDecide("silence", "Show what its people write only to who follows them", access.Policy{Policy: access.Silenced}),
		a.domainDecide("reject-media", "Fetch and show none of its pictures", access.Policy{RejectMedia: true}),
		a.domainDecide("allow", "Put a server on the list of those that are talked to in list mode", access.Policy{Listed: true}),
		a.domainAct("disallow", "Take a server from the list of those that are talked to where only listed ones are", func(ctx context.Context, s *server.Server, host string) error {
			return s.Moderation.UnlistHost(ctx, byLine(), host)
		}),
		a.domainAct("restore", "Take back what was decided against a server; ended follows stay ended", func(ctx context.Context, s *server.Server, host string) error {
			return s.Moderation.RestoreHost(ctx, byLine(), host)
		}),
		a.domainMode(), a.domainImport(), a.domainExport())
}

// policyView is a decision about a server as scripts read it.
type policyView struct {
	Host        string    `json:"host"`
	Policy      string    `json:"policy"`
	RejectMedia bool      `json:"rejectMedia"`
	Listed      bool      `json:"listed"`
	Reason      string    `json:"reason,omitempty"`
	Since       time.Time `json:"since"`
}

func (a *app) domainList() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List what is decided", Args: exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.with(cmd.Context(), func(s *server.Server) error {
				all, err := s.Hosts.List(cmd.Context())
				if err != nil {
					return err
				}
				only, err := s.Hosts.ListedOnly(cmd.Context())
				if err != nil {
					return err
				}
				return a.showPolicies(all, only)
			})
		},
	}
}

func (a *app) showPolicies(all []access.Policy, listedOnly bool) error {
	views, lines := make([]policyView, 0, len(all)), []string{"All servers are talked to but those that are suspended."}
	if listedOnly {
		lines[0] = "Only servers that are allowed are talked to."
	}
	for _, p := range all {
		views = append(views, policyView{p.Host, p.Policy, p.RejectMedia, p.Listed, p.Reason, p.Since})
		line := p.Host + "\t" + p.Policy
		if p.RejectMedia {
			line += "\treject-media"
		}
		if p.Listed {
			line += "\tallowed"
		}
		lines = append(lines, line+"\t"+p.Reason)
	}
	return a.show(map[string]any{"listedOnly": listedOnly, "domains": views}, lines...)
}

func (a *app) domainDecide(use, short string, p access.Policy) *cobra.Command {
	cmd := a.domainAct(use, short, func(ctx context.Context, s *server.Server, host string) error {
		p.Host = host
		return s.Moderation.DecideHost(ctx, byLine(), p)
	})
	cmd.Flags().StringVar(&p.Reason, "reason", "", "why; it is exported too")
	return cmd
}

func (a *app) domainAct(use, short string, act func(context.Context, *server.Server, string) error) *cobra.Command {
	return &cobra.Command{
		Use: use + " HOST", Short: short, Args: exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(cmd.Context(), func(s *server.Server) error {
				if err := act(cmd.Context(), s, args[0]); err != nil {
					return err
				}
				return a.show(map[string]any{"host": args[0], "done": use}, use+": "+args[0])
			})
		},
	}
}

func (a *app) domainMode() *cobra.Command {
	return &cobra.Command{
		Use: "mode open|list", Short: "Talk to all servers, or only to those that are allowed", Args: exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if args[0] != "open" && args[0] != "list" {
				return fault.New(fault.Invalid, "usage: "+cmd.UseLine())
			}
			return a.with(cmd.Context(), func(s *server.Server) error {
				if err := s.Moderation.SetListedOnly(cmd.Context(), byLine(), args[0] == "list"); err != nil {
					return err
				}
				return a.show(map[string]any{"mode": args[0]}, "mode: "+args[0])
			})
		},
	}
}

func (a *app) domainImport() *cobra.Command {
	return &cobra.Command{
		Use: "import FILE", Short: "Add a list of servers in Mastodon's CSV; - reads standard input. It takes nothing back", Args: exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			in := a.in
			if args[0] != "-" {
				file, err := os.Open(args[0])
				if err != nil {
					return fault.New(fault.Invalid, fmt.Sprintf("The file cannot be read: %v.", err))
				}
				defer file.Close()
				in = file
			}
			return a.with(cmd.Context(), func(s *server.Server) error {
				done, err := s.Moderation.ImportHosts(cmd.Context(), byLine(), io.LimitReader(in, 16<<20))
				if err != nil {
					return err
				}
				return a.show(map[string]any{"taken": done.Taken, "skipped": done.Skipped},
					fmt.Sprintf("%d taken, %d skipped", done.Taken, len(done.Skipped)))
			})
		},
	}
}

func (a *app) domainExport() *cobra.Command {
	return &cobra.Command{
		Use: "export", Short: "Write the list in Mastodon's CSV", Args: exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.with(cmd.Context(), func(s *server.Server) error { return s.Moderation.ExportHosts(cmd.Context(), a.out) })
		},
	}
}
