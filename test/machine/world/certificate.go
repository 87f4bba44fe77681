//go:build linux

package world

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"time"
)

// loadCertificate makes one certificate for all hosts of the world, signed by the rig's authority, which the base root
// trusts: the machine's scripts use the real names.
func (w *World) loadCertificate(region string) error {
	authority, err := tls.LoadX509KeyPair(w.config.CA, w.config.Key)
	if err != nil {
		return err
	}
	issuer, err := x509.ParseCertificate(authority.Certificate[0])
	if err != nil {
		return err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()),
		Subject:      pkix.Name{CommonName: "the world"},
		NotBefore:    issuer.NotBefore,
		NotAfter:     issuer.NotAfter,
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	for _, s := range w.services {
		if s.secure {
			template.DNSNames = append(template.DNSNames, s.hostIn(region))
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, issuer, &key.PublicKey, authority.PrivateKey)
	if err != nil {
		return err
	}
	w.certificate = tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
	return nil
}
