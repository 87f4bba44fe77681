package loopback

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// Variable is where AWS's SDKs look for another endpoint, for all services or, with a service behind it, for one.
const Variable = "AWS_ENDPOINT_URL"

// Only refuses every endpoint of an environment (as os.Environ gives it) that is not on this machine, and says why.
func Only(environment []string, why string) error {
	var faults []error
	for _, name := range slices.Sorted(slices.Values(environment)) {
		name, value, _ := strings.Cut(name, "=")
		ours := name == Variable || strings.HasPrefix(name, Variable+"_")
		if ours && value != "" && !Here(value) {
			faults = append(faults, fmt.Errorf("environment variable %s: %q is not allowed: %s", name, value, why))
		}
	}
	return errors.Join(faults...)
}

// Here reports whether an endpoint is on this machine.
func Here(endpoint string) bool {
	parsed, err := url.Parse(endpoint)
	if err != nil {
		return false
	}
	if parsed.Hostname() == "localhost" {
		return true
	}
	address, err := netip.ParseAddr(parsed.Hostname())
	return err == nil && address.IsLoopback()
}
