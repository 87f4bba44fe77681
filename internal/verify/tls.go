package verify

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"time"
)

// lasts is how much longer a certificate must be valid: Caddy renews in the last third of its time, and ACM 60 days before the
// end (Caddy, "Automatic HTTPS"; ACM User Guide, "Managed certificate renewal"), so that one this near has not been renewed.
const lasts = 14 * 24 * time.Hour

// chain looks at the certificate that users are shown.
func chain(ctx context.Context, w Way, e Expected) []Promise {
	if !e.HTTPS {
		return nil
	}
	state, err := w.handshake(ctx, e, &tls.Config{ServerName: e.Domain, RootCAs: w.Roots})
	var refused *tls.CertificateVerificationError
	switch {
	case errors.As(err, &refused):
		return []Promise{promise(certificate, e.Domain, Broken, plainly(refused.Err))}
	case err != nil:
		return []Promise{promise(certificate, e.Domain, Broken, "no TLS: "+plainly(err))}
	}
	shown := state.PeerCertificates[0]
	end := ends(state.VerifiedChains)
	left := time.Until(end)
	verdict := Kept
	if left < lasts {
		verdict = Broken
	}
	return []Promise{promise(certificate, e.Domain, verdict, fmt.Sprintf("%s, by %s, until %s: %d days more", tls.VersionName(state.Version),
		issuer(shown), end.UTC().Format(time.DateOnly), int(left.Hours()/24)))}
}

// ends is until when one of the chains leads to a known root: a certificate ends with that of its issuer.
func ends(chains [][]*x509.Certificate) (last time.Time) {
	for _, chain := range chains {
		end := chain[0].NotAfter
		for _, c := range chain {
			if c.NotAfter.Before(end) {
				end = c.NotAfter
			}
		}
		if end.After(last) {
			last = end
		}
	}
	return last
}

func issuer(c *x509.Certificate) string {
	if len(c.Issuer.Organization) > 0 {
		return c.Issuer.Organization[0]
	}
	return c.Issuer.CommonName
}

// oldTLS tries a client of TLS 1.1. One that is refused by a closed connection is refused.
func oldTLS(ctx context.Context, w Way, e Expected) []Promise {
	if !e.HTTPS {
		return nil
	}
	is := func(v Verdict, evidence string) []Promise {
		return []Promise{promise(oldTLSRefused, e.Domain, v, evidence)}
	}
	// The certificate is another promise, and no secret is sent.
	state, err := w.handshake(ctx, e, &tls.Config{ServerName: e.Domain, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11,
		CipherSuites: suites(), InsecureSkipVerify: true})
	var unreached *net.OpError
	switch {
	case err == nil:
		return is(Broken, tls.VersionName(state.Version)+" is taken")
	case errors.As(err, &unreached) && unreached.Op == "dial", errors.Is(err, errUnresolved), errors.Is(err, context.DeadlineExceeded):
		return is(Unknown, "not reached: "+plainly(err))
	}
	// Who takes no TLS at all refuses nothing.
	if _, none := w.handshake(ctx, e, &tls.Config{ServerName: e.Domain, InsecureSkipVerify: true}); none != nil {
		return is(Unknown, "no version is taken: "+plainly(none))
	}
	return is(Kept, "refused: "+plainly(err))
}

// suites are all that there are: who takes an old TLS may take weak ones alone.
func suites() (all []uint16) {
	for _, s := range append(tls.CipherSuites(), tls.InsecureCipherSuites()...) {
		all = append(all, s.ID)
	}
	return all
}

// errUnresolved is that a name has no address.
var errUnresolved = errors.New("it does not resolve")

// handshake is what TLS came to at port 443 of what is asked.
func (w Way) handshake(ctx context.Context, e Expected, c *tls.Config) (tls.ConnectionState, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	host := e.Domain
	if e.Against != "" {
		host = e.Against
	}
	addresses := []string{host}
	if net.ParseIP(host) == nil {
		var err error
		if addresses, err = w.resolve(ctx, host); err != nil || len(addresses) == 0 {
			return tls.ConnectionState{}, errors.Join(errUnresolved, err)
		}
	}
	raw, err := w.first(ctx, "tcp", addresses, "443")
	if err != nil {
		return tls.ConnectionState{}, err
	}
	defer raw.Close()
	connection := tls.Client(raw, c)
	err = connection.HandshakeContext(ctx)
	return connection.ConnectionState(), err
}
