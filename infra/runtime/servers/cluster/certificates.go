package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

const validity = 10 * 365 * 24 * time.Hour

// authority is a certificate with the key that signs others; a nil certificate signs itself.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

// writeCertificates makes the keys of one development cluster in a folder of its own: the cluster's authority with
// the API server's certificate, the front proxy's authority and client for aggregated APIs, and the key that signs
// service account tokens. The folder appears whole or not at all; one that exists is left as it is.
func writeCertificates(folder string) error {
	if _, err := os.Stat(folder); err == nil {
		return nil
	}
	draft, err := os.MkdirTemp(filepath.Dir(folder), ".certificates-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(draft)
	if err := writeAll(draft); err != nil {
		return err
	}
	return os.Rename(draft, folder)
}

func writeAll(folder string) error {
	cluster, err := issue(folder, "ca", authorityTemplate("slipway-development-cluster"), authority{})
	if err != nil {
		return err
	}
	if _, err := issue(folder, "apiserver", serverTemplate(), cluster); err != nil {
		return err
	}
	frontProxy, err := issue(folder, "front-proxy-ca", authorityTemplate("slipway-front-proxy"), authority{})
	if err != nil {
		return err
	}
	if _, err := issue(folder, "front-proxy-client", clientTemplate("front-proxy-client"), frontProxy); err != nil {
		return err
	}
	_, err = writeKey(filepath.Join(folder, "service-account.key"))
	return err
}

func authorityTemplate(name string) *x509.Certificate {
	return &x509.Certificate{
		Subject:               pkix.Name{CommonName: name},
		KeyUsage:              x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		BasicConstraintsValid: true,
		IsCA:                  true,
	}
}

func serverTemplate() *x509.Certificate {
	return &x509.Certificate{
		Subject:     pkix.Name{CommonName: "kube-apiserver"},
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		DNSNames: []string{
			"localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local",
		},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback, net.IPv4(10, 96, 0, 1)},
	}
}

func clientTemplate(name string) *x509.Certificate {
	return &x509.Certificate{
		Subject:     pkix.Name{CommonName: name},
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
}

// issue writes name.crt and name.key and returns them as an authority.
func issue(folder, name string, template *x509.Certificate, signer authority) (authority, error) {
	key, err := writeKey(filepath.Join(folder, name+".key"))
	if err != nil {
		return authority{}, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return authority{}, err
	}
	template.SerialNumber = serial
	template.NotBefore = time.Now().Add(-time.Hour)
	template.NotAfter = template.NotBefore.Add(validity)
	if signer.certificate == nil {
		signer = authority{certificate: template, key: key}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, signer.certificate, key.Public(), signer.key)
	if err != nil {
		return authority{}, fmt.Errorf("certificate %s: %w", name, err)
	}
	if err := writePEM(filepath.Join(folder, name+".crt"), "CERTIFICATE", der); err != nil {
		return authority{}, err
	}
	certificate, err := x509.ParseCertificate(der)
	return authority{certificate: certificate, key: key}, err
}

func writeKey(path string) (*ecdsa.PrivateKey, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return nil, err
	}
	return key, writePEM(path, "EC PRIVATE KEY", der)
}

func writePEM(path, kind string, der []byte) error {
	return os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600)
}
