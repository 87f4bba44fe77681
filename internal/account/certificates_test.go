package account_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/korakagazindia/provisioner/internal/account"
)

// Certificates are listed whatever their key: unasked, ACM leaves out those of elliptic curves and of longer RSA keys.
func TestCertificatesOfEveryKey(t *testing.T) {
	var asked string
	acm := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		asked = string(body)
		if _, err := io.WriteString(w, `{"CertificateSummaryList": []}`); err != nil {
			t.Error(err)
		}
	}))
	defer acm.Close()
	if _, err := account.At(acm.URL, "ap-south-1").Certificates(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"RSA_2048", "RSA_4096", "EC_prime256v1", "EC_secp384r1"} {
		if !strings.Contains(asked, `"`+key+`"`) {
			t.Errorf("%s is not asked for: %s", key, asked)
		}
	}
}
