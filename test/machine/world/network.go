//go:build linux

package world

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
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

	ElsewhereAddress = "10.77.0.19"     // another server's
	PublicAddresses  = "203.0.113.0/24" // of State.Public

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
	lines = append(lines, "route add "+PublicAddresses+" dev "+bridge)
	if err := w.inBase(strings.Join(lines, "\n"), "/sbin/ip", "-batch", "-"); err != nil {
		return err
	}
	// Where the kernel can, it would translate addresses before a packet leaves the bridge, and lose those that turn back.
	err := os.WriteFile("/proc/sys/net/bridge/bridge-nf-call-iptables", []byte("0"), 0)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return os.WriteFile("/proc/sys/net/ipv4/ip_forward", []byte("1"), 0)
}

// setPublic translates public addresses as an internet gateway does. Whether a machine reaches itself by its own, no page of
// AWS's says: State.OneWay decides.
func (w *World) setPublic(addresses map[string]string, oneWay bool) error {
	lines := "table ip public\ndelete table ip public\ntable ip public {\n"
	for _, hook := range []string{"prerouting", "output"} {
		lines += fmt.Sprintf("chain %s {\ntype nat hook %[1]s priority -100;\n", hook)
		for address, to := range addresses {
			if oneWay && to == MachineAddress {
				lines += fmt.Sprintf("ip saddr %s ip daddr %s drop\n", to, address)
			}
			lines += fmt.Sprintf("ip daddr %s dnat to %s\n", address, to)
		}
		lines += "}\n"
	}
	lines += "chain postrouting {\ntype nat hook postrouting priority 100;\n"
	lines += fmt.Sprintf("ip saddr %s ip daddr %[1]s masquerade\n}\n}\n", MachineAddress)
	return w.inBase(lines, "/usr/sbin/nft", "-f", "-")
}

// setFirewall lets in what the rules say, as security groups do: outside of the machine, stateful, silent about the rest.
func (w *World) setFirewall(rules []Rule) error {
	var lines strings.Builder
	lines.WriteString("table inet groups\ndelete table inet groups\n")
	if rules != nil {
		lines.WriteString("table inet groups {\n")
		for _, hook := range []string{"output", "forward"} {
			fmt.Fprintf(&lines, "chain %s {\ntype filter hook %[1]s priority 0;\nct state established,related accept\n", hook)
			for _, rule := range rules {
				from := ""
				if rule.From != "" {
					from = "ip saddr " + rule.From
				}
				fmt.Fprintf(&lines, "ip daddr %s tcp dport %d %s accept\n", MachineAddress, rule.Port, from)
			}
			fmt.Fprintf(&lines, "ip daddr %s drop\n}\n", MachineAddress)
		}
		lines.WriteString("}\n")
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
