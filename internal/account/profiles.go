package account

import (
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/config"

	"github.com/korakagazindia/provisioner/internal/nearest"
)

// section is the head of a section of AWS's shared config files.
var section = regexp.MustCompile(`(?m)^[ \t]*\[[ \t]*(profile[ \t]+)?([^\]\s]+)[ \t]*\]`)

// Profiles are those of AWS's shared config files, in alphabetical order. In the file of credentials a section is a profile; in
// the other one it says so, but for the default (AWS SDKs and Tools Reference Guide, "Shared config and credentials files").
func Profiles() []string {
	named, bare := sharedFiles()
	var names []string
	for _, found := range section.FindAllStringSubmatch(text(named), -1) {
		if found[1] != "" || found[2] == "default" {
			names = append(names, found[2])
		}
	}
	for _, found := range section.FindAllStringSubmatch(text(bare), -1) {
		names = append(names, found[2])
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// sharedFiles are the one with settings and the one with credentials.
func sharedFiles() (settings, credentials string) {
	settings, credentials = os.Getenv("AWS_CONFIG_FILE"), os.Getenv("AWS_SHARED_CREDENTIALS_FILE")
	if settings == "" {
		settings = config.DefaultSharedConfigFilename()
	}
	if credentials == "" {
		credentials = config.DefaultSharedCredentialsFilename()
	}
	return settings, credentials
}

// text is a file's, "" for one that cannot be read: so AWS's library takes it too.
func text(file string) string {
	read, _ := os.ReadFile(file)
	return string(read)
}

// unconfigured is what is wrong with the settings that the library found.
func unconfigured(err error) error {
	var role config.SharedConfigAssumeRoleError
	var missing config.SharedConfigProfileNotExistError
	var asks config.AssumeRoleTokenProviderNotSetError
	switch {
	case errors.As(err, &role):
		return fmt.Errorf("AWS configuration: source_profile %q of role %s has no credentials", role.Profile, role.RoleARN)
	case errors.As(err, &missing):
		return fmt.Errorf("AWS profile %q: there is none of that name%s", missing.Profile, among(missing.Profile, Profiles()))
	case errors.As(err, &asks):
		return errors.New(`AWS configuration: this profile asks for a code, which kora cannot: ` +
			`eval "$(aws configure export-credentials --format env --profile <name>)", and then without the profile`)
	}
	return fmt.Errorf("AWS configuration: %w", Plain(err))
}

func among(name string, profiles []string) string {
	if len(profiles) == 0 {
		settings, credentials := sharedFiles()
		return fmt.Sprintf(", nor any other in %s and %s", settings, credentials)
	}
	return ": there are " + strings.Join(profiles, ", ") + nearest.Hint(name, profiles)
}

// unsigned is why a profile has no credentials.
func unsigned(ctx context.Context, profile string, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	err = withoutCredentials(errors.New(signing + err.Error()))
	if errors.Is(err, ErrNoCredentials) {
		return fmt.Errorf("AWS profile %q: it has no credentials: aws configure --profile %[1]s gives it some", profile)
	}
	return fmt.Errorf("AWS profile %q: %w", profile, err)
}
