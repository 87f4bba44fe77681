//go:build linux

package machine

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/korakagazindia/provisioner/internal/tool/tooltest"
)

// suite is the release of Debian that stands in for Ubuntu: caddy 2.6 as in Ubuntu 24.04, curl 7.88 between 22.04's and
// 24.04's, python3 3.11.
const suite = "bookworm"

var (
	// basePackages are what a stock server has, as far as the scripts see it, and what scenarios use. A machine in AWS
	// has Redis elsewhere; here a scenario may start its service.
	basePackages = []string{"systemd", "systemd-sysv", "dbus", "curl", "git", "python3", "sudo", "ca-certificates",
		"xz-utils", "iproute2", "procps", "nftables", "openssl", "redis-server"}

	// archivePackages are to be had from the world's archive, with all that they need or recommend beyond the base.
	archivePackages = []string{"caddy"}
)

// The hooks change the new root, $1, while its package lists are still there. $RIG is the folder in the cache.
var hooks = []string{
	`chroot "$1" useradd --create-home --shell /bin/bash --uid 1000 ubuntu
	echo 'ubuntu ALL=(ALL) NOPASSWD:ALL' >"$1/etc/sudoers.d/90-cloud-init-users"`,

	`cp "$RIG/ca.pem" "$1/usr/local/share/ca-certificates/rig.crt"
	chroot "$1" update-ca-certificates >/dev/null`,

	// Nothing of the distribution's starts by itself, and apt's timers don't hold its lock at odd times.
	`chroot "$1" systemctl --quiet disable redis-server
	chroot "$1" systemctl --quiet mask apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer \
		e2scrub_all.timer e2scrub_reap.service fstrim.timer
	echo 0123456789abcdef0123456789abcdef >"$1/etc/machine-id"
	: >"$1/etc/resolv.conf"`,

	`rm -f "$1"/var/cache/apt/archives/*.deb; mkdir "$RIG/debs"
	APT_CONFIG=$MMDEBSTRAP_APT_CONFIG apt-get --quiet --quiet --yes -o APT::Install-Recommends=true \
		--download-only install ` + strings.Join(archivePackages, " ") + ` >/dev/null
	mv "$1"/var/cache/apt/archives/*.deb "$RIG/debs"`,
}

// base returns a folder with root, the root file system that all machines stand on; debs, an archive of packages; and
// ca.pem and ca-key.pem, the authority that the root trusts.
func base(t testing.TB) string {
	t.Helper()
	return baseRoot().Path(t)
}

func baseRoot() tooltest.Root {
	return tooltest.Root{
		Name:   "base",
		Recipe: strings.Join([]string{suite, strings.Join(basePackages, " "), strings.Join(hooks, "\n")}, "\n"),
		Remedy: "let mmdebstrap reach Debian's archive",
		Fill: func(dir string, run func(argv ...string) error) error {
			if err := makeAuthority(dir); err != nil {
				return err
			}
			argv := []string{"env", "RIG=" + dir, "mmdebstrap", "--quiet", "--variant=minbase",
				"--include=" + strings.Join(basePackages, ",")}
			for _, hook := range hooks {
				argv = append(argv, "--customize-hook=set -e\n"+hook)
			}
			if err := run(append(argv, suite, filepath.Join(dir, "root"))...); err != nil {
				return err
			}
			return indexDebs(filepath.Join(dir, "debs"))
		},
	}
}

// indexDebs writes the archive's Packages: what each package says of itself, and where it is.
func indexDebs(dir string) error {
	debs, err := filepath.Glob(filepath.Join(dir, "*.deb"))
	if err != nil {
		return err
	}
	var index strings.Builder
	for _, deb := range debs {
		control, err := exec.Command("dpkg-deb", "--field", deb).Output()
		if err != nil {
			return fmt.Errorf("dpkg-deb: %w", err)
		}
		content, err := os.ReadFile(deb)
		if err != nil {
			return err
		}
		// apt escapes the colon of an epoch in the names of its files, and would escape it again in the address.
		name := strings.ReplaceAll(filepath.Base(deb), "%3a", "_")
		if err := os.Rename(deb, filepath.Join(dir, name)); err != nil {
			return err
		}
		fmt.Fprintf(&index, "%sFilename: ./%s\nSize: %d\nSHA256: %x\n\n", control, name, len(content), sha256.Sum256(content))
	}
	return os.WriteFile(filepath.Join(dir, "Packages"), []byte(index.String()), 0o644)
}

// makeAuthority makes the rig's certificate authority, good for years: it is made once with the root that trusts it.
func makeAuthority(dir string) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		Subject:               pkix.Name{CommonName: "The rig's certificate authority"},
		NotBefore:             time.Now().AddDate(-1, 0, 0),
		NotAfter:              time.Now().AddDate(10, 0, 0),
		IsCA:                  true,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageCertSign,
	}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return err
	}
	private, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return err
	}
	write := func(name, kind string, der []byte) error {
		return os.WriteFile(filepath.Join(dir, name), pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600)
	}
	return errors.Join(write("ca.pem", "CERTIFICATE", certificate), write("ca-key.pem", "EC PRIVATE KEY", private))
}
