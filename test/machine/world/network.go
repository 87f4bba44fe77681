//go:build linux

package world

import (
	"fmt"
	"net"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// The network. Every machine has one of its own, so all have the same addresses.
const (
	MachineAddress  = "10.77.0.2"
	BalancerAddress = "10.77.0.3"
	StrangerAddress = "10.77.0.4"

	bridge   = "world0"
	gateway  = "10.77.0.1"
	metadata = "169.254.169.254"
)

// makeNetwork makes the bridge that the machine's cable is plugged into, with all addresses of the world on it.
func (w *World) makeNetwork() error {
	lines := []string{"link set lo up", "link add " + bridge + " type bridge", "link set " + bridge + " up"}
	addresses := []string{gateway, BalancerAddress, StrangerAddress}
	for _, s := range w.services {
		addresses = append(addresses, s.address)
	}
	for _, address := range addresses {
		size := 24
		if address == metadata {
			size = 32
		}
		lines = append(lines, fmt.Sprintf("address add %s/%d dev %s", address, size, bridge))
	}
	return w.inBase(strings.Join(lines, "\n"), "/sbin/ip", "-batch", "-")
}

// setFirewall lets in what the rules say, as security groups do: outside of the machine, stateful, silent about the rest.
func (w *World) setFirewall(rules []Rule) error {
	var lines strings.Builder
	lines.WriteString("table inet groups\ndelete table inet groups\n")
	if rules != nil {
		lines.WriteString("table inet groups {\nchain in {\ntype filter hook output priority 0;\nct state established,related accept\n")
		for _, rule := range rules {
			from := ""
			if rule.From != "" {
				from = "ip saddr " + rule.From
			}
			fmt.Fprintf(&lines, "ip daddr %s tcp dport %d %s accept\n", MachineAddress, rule.Port, from)
		}
		fmt.Fprintf(&lines, "ip daddr %s drop\n}\n}\n", MachineAddress)
	}
	return w.inBase(lines.String(), "/usr/sbin/nft", "-f", "-")
}

// inBase runs a program of the base root on the world's own network, so that this machine needs not have it.
func (w *World) inBase(input string, argv ...string) error {
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Stdin = strings.NewReader(input)
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Chroot: w.config.Base}
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w: %s", argv[0], err, strings.TrimSpace(string(out)))
	}
	return nil
}

// dialer connects from one of the world's addresses.
func dialer(from string) *net.Dialer {
	return &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}, Timeout: 5 * time.Second}
}
