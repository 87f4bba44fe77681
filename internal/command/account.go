package command

import (
	"errors"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/korakagazindia/provisioner/internal/account"
	"github.com/korakagazindia/provisioner/internal/config"
)

// The flags of every command that reaches an account.
const (
	flagProfile = "profile"
	flagRegion  = "region"
)

// accountFlags adds the flags that say which account is asked, and where.
func accountFlags(f *pflag.FlagSet) {
	profileFlag(f)
	f.Var(new(region), flagRegion, "the `REGION` to ask, in place of cdk.json's")
}

func profileFlag(f *pflag.FlagSet) {
	f.String(flagProfile, "", "a profile's `NAME`, in place of the usual credentials")
}

// region is a flag's value that AWS could have as a region.
type region string

func (r *region) Set(text string) error {
	if !config.IsRegion(text) {
		return errors.New("it takes " + config.TakesRegion)
	}
	*r = region(text)
	return nil
}

func (r *region) String() string { return string(*r) }

func (r *region) Type() string { return flagRegion }

// flagValue is a flag's, "" where the command has none of that name.
func flagValue(cmd *cobra.Command, name string) string {
	if f := cmd.Flag(name); f != nil {
		return f.Value.String()
	}
	return ""
}

// profile is the profile that a command was told to ask with, "" for the usual credentials.
func profile(cmd *cobra.Command) string { return flagValue(cmd, flagProfile) }

// place is where a command asks: in the region of the configuration, which accountKeys has given the one of --region.
func place(cmd *cobra.Command, c *config.Config) account.Place {
	return account.Place{Region: c.Region, Profile: profile(cmd)}
}

// accountKeys are the context keys of -c and the region of --region, which wins. All faults are reported, joined.
func accountKeys(cmd *cobra.Command, pairs []string) (map[string]string, error) {
	keys, err := contextKeys("-c", pairs)
	if asked := flagValue(cmd, flagRegion); asked != "" {
		keys["region"] = asked
	}
	return keys, err
}
