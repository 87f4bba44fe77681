package config

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/korakagazindia/provisioner/internal/stage"
)

func (c *Config) fleet() bool { return c.Stage == stage.Horizontal }

// bare lists the machines that start from Ubuntu's image, on which nothing of the backend is; an adopted server runs already.
func (c *Config) bare() []string {
	return c.startingFrom(func(image string) bool { return image == "" })
}

// imaged lists the machines that start from an image of one's own.
func (c *Config) imaged() []string {
	return c.startingFrom(func(image string) bool { return image != "" })
}

func (c *Config) startingFrom(is func(image string) bool) []string {
	var all []string
	if c.HasServer() && c.AdoptedServer == nil && is(c.ImageID) {
		all = append(all, serverID)
	}
	if c.fleet() && is(c.FleetImageID) {
		all = append(all, fleetID)
	}
	return all
}

// closed lists the ports of HTTP and HTTPS that publicPorts leaves out.
func (c *Config) closed() []int {
	return slices.DeleteFunc([]int{80, 443}, func(port int) bool { return slices.Contains(c.PublicPorts, port) })
}

// list is how publicPorts is written.
func list(ports []int) string {
	return strings.ReplaceAll(strings.Trim(fmt.Sprint(ports), "[]"), " ", ",")
}

// Git's forms of a URL (git-clone, "GIT URLS").
var (
	overSSH     = regexp.MustCompile(`^((git\+)?ssh://|([^/:]+@)?[^/:]+:(/?[^/]|$))`)
	unencrypted = regexp.MustCompile(`(?i)^(http|git|ftp)://`)
	onDisk      = regexp.MustCompile(`^(file://|[./~])`)
)

// outOfReach says why a machine that holds nothing yet cannot fetch from the repository, "" when it can.
func (c *Config) outOfReach() string {
	switch {
	case overSSH.MatchString(c.GitRepository):
		return "is reached by SSH, for which a machine has no key"
	case onDisk.MatchString(c.GitRepository):
		return "is a folder, which a machine has not"
	}
	return ""
}

var (
	commit = regexp.MustCompile(`^[0-9a-f]{7,64}$`)
	// branches are what tells a branch: its full name, the usual names, and the usual beginnings.
	branches = regexp.MustCompile(`^(refs/heads/.*|(origin/)?(HEAD|main|master|trunk|develop(ment)?|dev|staging|prod(uction)?)|` +
		`(origin|feat(ure)?|(bug|hot)?fix|chore|users?|dependabot|renovate)/.*)$`)
)

// isBranch reports whether a revision is told by its name to be a branch, or by nothing to be a commit or a tag, which has a
// number somewhere (v2, 2026-11-24, release-7).
func isBranch(ref string) bool {
	switch {
	case ref == "", strings.HasPrefix(ref, "refs/tags/"), commit.MatchString(ref):
		return false
	}
	return branches.MatchString(ref) || !strings.ContainsAny(ref, "0123456789")
}
