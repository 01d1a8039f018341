package accounts

import (
	"context"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"passerelles/acts"
	"passerelles/fault"
	"passerelles/storage"
	"passerelles/text"
)

// Mode says who may sign up.
type Mode string

// The modes. Whoever has an invitation signs up in each but the first.
const (
	Closed     Mode = "closed"     // nobody
	Invitation Mode = "invitation" // who has a link
	Approval   Mode = "approval"   // everybody, once an administrator agrees
	Open       Mode = "open"       // everybody
)

// Modes are those that there are, from the strictest.
func Modes() []Mode { return []Mode{Closed, Invitation, Approval, Open} }

// Charge is who answers for personal information, as the law has it shown.
type Charge struct {
	Name, Role, Reach string // Reach: an e-mail address, else how to write
}

// Founders says who makes communities on the site.
type Founders string

// The founders. Package communities reads what is set.
const (
	Administrators Founders = "administrators"
	EveryMember    Founders = "members"
)

// Settings are what administrators set on the site.
type Settings struct {
	SignUp   Mode
	Charge   Charge
	Founders Founders // empty in ChangeSettings: as it was
}

const (
	signUpSetting  = "sign_up"
	founderSetting = "founders"
	nameSetting    = "charge_name"
	roleSetting    = "charge_role"
	reachSetting   = "charge_reach"
)

// Settings gives what is set, or what stands for want of it; with an error, who is in charge
// all the same, by the settings file.
func (s *Service) Settings(ctx context.Context) (Settings, error) {
	set, err := settings(ctx, s.db)
	if err != nil {
		return Settings{SignUp: Closed, Charge: Charge{Reach: s.contact}}, err
	}
	all := Settings{SignUp: Mode(set[signUpSetting]), Charge: Charge{set[nameSetting], set[roleSetting], set[reachSetting]},
		Founders: Founders(set[founderSetting])}
	if all.Founders == "" {
		all.Founders = Administrators
	}
	if all.SignUp == "" {
		all.SignUp = s.mode
	}
	if all.Charge.Reach == "" {
		all.Charge.Reach = s.contact
	}
	return all, nil
}

// ChangeSettings sets all of them.
func (s *Service) ChangeSettings(ctx context.Context, by acts.By, to Settings) error {
	to.Charge = Charge{text.OneLine(to.Charge.Name), text.OneLine(to.Charge.Role), text.OneLine(to.Charge.Reach)}
	if !slices.Contains(Modes(), to.SignUp) {
		return fault.New(fault.Invalid, "Sign-up can be closed, invitation, approval or open.")
	}
	for _, said := range []string{to.Charge.Name, to.Charge.Role, to.Charge.Reach} {
		if utf8.RuneCountInString(said) > longestTitle*2 {
			return fault.New(fault.Invalid, "What is told of the person in charge may have 200 characters a line.")
		}
	}
	set := map[string]string{signUpSetting: string(to.SignUp),
		nameSetting: to.Charge.Name, roleSetting: to.Charge.Role, reachSetting: to.Charge.Reach}
	switch to.Founders {
	case "":
	case Administrators, EveryMember:
		set[founderSetting] = string(to.Founders)
	default:
		return fault.New(fault.Invalid, "Communities are made by administrators, or by members.")
	}
	return s.db.Write(ctx, func(tx storage.Tx) error {
		changed, err := s.changed(ctx, tx, set)
		if err != nil {
			return err
		}
		if err := upsertSettings(ctx, tx, set, s.now()); err != nil || changed == "" {
			return err
		}
		return s.record(ctx, tx, acts.Act{Kind: acts.ChangeSettings, By: by, Words: changed})
	})
}

// changed tells which settings are not yet so, "" for none: of those that choose what they
// become, of those that name the person in charge no more than that they change.
func (s *Service) changed(ctx context.Context, q storage.Querier, to map[string]string) (string, error) {
	was, err := settings(ctx, q)
	stands := map[string]string{signUpSetting: string(s.mode), founderSetting: string(Administrators), reachSetting: s.contact}
	maps.DeleteFunc(was, func(_, value string) bool { return value == "" }) // as Settings reads them
	maps.Copy(stands, was)
	var all []string
	for _, name := range slices.Sorted(maps.Keys(to)) {
		switch {
		case stands[name] == to[name]:
		case name == signUpSetting || name == founderSetting:
			all = append(all, name+": "+to[name])
		default:
			all = append(all, name)
		}
	}
	return strings.Join(all, ", "), err
}

// SetMode changes who may sign up.
func (s *Service) SetMode(ctx context.Context, by acts.By, m Mode) error {
	all, err := s.Settings(ctx)
	if err != nil {
		return err
	}
	all.SignUp = m
	return s.ChangeSettings(ctx, by, all)
}

// SetFounders changes who makes communities on the site.
func (s *Service) SetFounders(ctx context.Context, by acts.By, f Founders) error {
	all, err := s.Settings(ctx)
	if err != nil {
		return err
	}
	all.Founders = f
	return s.ChangeSettings(ctx, by, all)
}

// SignUpMode is who may sign up in fact: nobody where no mail leaves, for addresses must be
// confirmed.
func (s *Service) SignUpMode(ctx context.Context) (Mode, error) {
	if s.mails == nil || !s.mails.Sends() {
		return Closed, nil
	}
	all, err := s.Settings(ctx)
	return all.SignUp, err
}

// reachable says whether the person in charge is reached by e-mail.
func (c Charge) reachable() bool { return checkEmail(c.Reach) == nil }

// Mail is the address of the person in charge, "" if it is reached otherwise.
func (c Charge) Mail() string {
	if !c.reachable() {
		return ""
	}
	return strings.TrimSpace(c.Reach)
}
