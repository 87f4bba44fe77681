package users

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"fmt"
	"io"
	"log"
	"math/big"
	"sync"
	"time"
)

// usual is how much longer a certificate lasts that nobody says otherwise of.
const usual = 80 * 24 * time.Hour

var quiet = log.New(io.Discard, "", 0)

// authority signs the certificates of a world, and gives out the addresses of its balancers.
type authority struct {
	pool *x509.CertPool
	root *x509.Certificate
	key  *ecdsa.PrivateKey

	mutex  sync.Mutex
	issued map[string]*tls.Certificate
	given  int
}

func newAuthority() (*authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	root := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{Organization: []string{"Kora stand-in"}}, IsCA: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().AddDate(1, 0, 0), BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	signed, err := x509.CreateCertificate(rand.Reader, root, root, &key.PublicKey, key)
	if err != nil {
		return nil, err
	}
	if root, err = x509.ParseCertificate(signed); err != nil {
		return nil, err
	}
	a := &authority{pool: x509.NewCertPool(), root: root, key: key, issued: map[string]*tls.Certificate{}}
	a.pool.AddCert(root)
	return a, nil
}

// certificate is one for a name that lasts for so long from now on.
func (a *authority) certificate(name string, lasts time.Duration) (*tls.Certificate, error) {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	known := fmt.Sprint(name, lasts)
	if a.issued[known] == nil {
		leaf := &x509.Certificate{SerialNumber: big.NewInt(int64(len(a.issued) + 2)), DNSNames: []string{name},
			NotBefore: time.Now().Add(min(0, lasts) - time.Hour), NotAfter: time.Now().Add(lasts)}
		signed, err := x509.CreateCertificate(rand.Reader, leaf, a.root, &a.key.PublicKey, a.key)
		if err != nil {
			return nil, err
		}
		a.issued[known] = &tls.Certificate{Certificate: [][]byte{signed}, PrivateKey: a.key}
	}
	return a.issued[known], nil
}

// addresses are two that nobody has, of the documentation's (RFC 5737): after 127 balancers they begin anew.
func (a *authority) addresses() []string {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	first := a.given % 254
	a.given += 2
	return []string{fmt.Sprintf("198.51.100.%d", first+1), fmt.Sprintf("198.51.100.%d", first+2)}
}

// token is a text that nobody can guess.
func token() string {
	var b [12]byte
	_, _ = rand.Read(b[:]) // it never fails
	return hex.EncodeToString(b[:])
}
