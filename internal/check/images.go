package check

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/korakagazindia/provisioner/internal/account"
)

// images looks at each image that a machine would be made of: that of a server which is there already matters no more.
func images(ctx context.Context, l *looking) ([]Result, error) {
	server, err := l.physical("Server")
	if err != nil {
		return nil, err
	}
	hardware, err := l.Account.Hardware(ctx, l.kinds())
	if err != nil {
		return nil, err
	}
	var results []Result
	for _, one := range l.launches() {
		if one.what == theServer && server != "" {
			continue
		}
		facts, err := l.imageOf(ctx, &one)
		if err != nil {
			return results, err
		}
		results = append(results, l.judgeImage(one, facts, hardware[one.kind])...)
	}
	if len(results) == 0 {
		results = append(results, is(Pass, "", "no machine is made of an image"))
	}
	return results, nil
}

// named is a reference to a public parameter of Systems Manager, which CloudFormation resolves when it deploys.
var named = regexp.MustCompile(`^\{\{resolve:ssm:(/aws/service/[^:}]+)\}\}$`)

// imageOf are the facts of what a machine is made of; its image becomes that which a parameter names. nil where there is none.
func (l *looking) imageOf(ctx context.Context, one *launch) (*account.ImageFacts, error) {
	if by := named.FindStringSubmatch(one.image); by != nil {
		id, err := l.Account.PublicParameter(ctx, by[1])
		if err != nil || id == "" {
			return nil, err
		}
		one.image = id
	}
	return l.Account.ImageFacts(ctx, one.image)
}

// owners are whose images are not withdrawn at somebody's wish: Amazon's by its alias, and Canonical's
// (documentation.ubuntu.com/aws/aws-how-to/instances/find-ubuntu-images).
var owners = []string{"amazon", "099720109477"}

// judgeImage says what would keep a machine from being made, and otherwise what is to be decided.
func (l *looking) judgeImage(one launch, facts *account.ImageFacts, hardware account.Hardware) []Result {
	if said := unfit(one, facts, hardware, l.Config.Architecture); said != "" {
		return []Result{is(Fail, one.image, "%s would be made of it: %s", one.what, said)}
	}
	var results []Result
	warn := func(format string, args ...any) { results = append(results, is(Warn, one.image, format, args...)) }
	if facts.Sold {
		warn("it is sold on AWS Marketplace: %s starts only where this account has subscribed to it", one.what)
	}
	if !facts.Deprecated.IsZero() && facts.Deprecated.Before(l.Now) {
		warn("its owner calls it outdated since %s, and may take it away: then nothing new starts of it", facts.Deprecated.Format(time.DateOnly))
	}
	if facts.Device != one.device && one.device != "" {
		warn("its root disk is %s, and what is said of %s makes a second one", facts.Device, one.device)
	}
	if who, err := l.caller(); err == nil && facts.Owner != who.Account && !slices.Contains(owners, facts.Owner) && !slices.Contains(owners, facts.OwnerAlias) {
		warn("it is of the account %s, which may take it back: then nothing new starts of it", facts.Owner)
	}
	if len(results) == 0 {
		results = append(results, is(Pass, one.image, "%s: %s, available, for %s", one.what, facts.Name, facts.Architecture))
	}
	return results
}

// unfit says why EC2 refuses to make a machine of an image, "" where it does not (AWSEC2/latest/UserGuide: ami-boot.html,
// enhanced-networking-ena.html; API_EbsBlockDevice.html, VolumeSize).
func unfit(one launch, facts *account.ImageFacts, hardware account.Hardware, architecture string) string {
	switch {
	case facts == nil:
		return "this account has no such image in this region"
	case facts.State != "available":
		return "it is " + facts.State
	case facts.Architecture != architecture:
		return "it is for " + facts.Architecture + ", and the stack is " + architecture
	case hardware.Nitro && !facts.ENA:
		return "it has no ENA driver, which " + one.kind + " needs"
	case !boots(facts.BootMode, hardware.BootModes):
		return "it starts by " + facts.BootMode + ", and " + one.kind + " by " + strings.Join(hardware.BootModes, " or ")
	case facts.RootType != "ebs":
		return "its root disk is not of EBS: such a machine cannot be stopped, and " + one.kind + " has no room for it"
	case one.gib > 0 && one.gib < facts.RootGiB:
		return fmt.Sprintf("volumeSizeGib is %d, and its disk has %d GiB", one.gib, facts.RootGiB)
	}
	return ""
}

// boots reports whether a type starts an image of that mode: none is the type's own way, and uefi-preferred is both
// (AWSEC2/latest/UserGuide/ami-boot.html).
func boots(mode string, modes []string) bool {
	return mode == "" || mode == "uefi-preferred" || len(modes) == 0 || slices.Contains(modes, mode)
}
