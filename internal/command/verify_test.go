package command

import "testing"

func TestVerifyMisuse(t *testing.T) {
	tests := []struct {
		name string
		args []string
		want string
	}{
		{"too often", []string{"--every", "1ms"}, "--every 1ms is not allowed: it takes 20ms to 1m"},
		{"for too long", []string{"--watch", "48h"}, "--watch 48h0m0s is not allowed: it takes 1s to 24h"},
		{"both", []string{"--every", "1ms", "--watch", "48h"}, "--every 1ms is not allowed: it takes 20ms to 1m\nkora: --watch 48h0m0s is not allowed: it takes 1s to 24h"},
		{"slow from the start", []string{"--slow", "0s"}, "--slow 0s is not allowed: it takes a time such as 1s"},
		{"for no time", []string{"--watch", "5ms"}, "--watch 5ms is not allowed: it takes 1s to 24h"},
		{"a path that would name another host", []string{"--session-path", "login"}, "--session-path login is not allowed: it takes a path such as /login"},
		{"a URL", []string{"--against", "https://203.0.113.7"}, "--against https://203.0.113.7 is not allowed: it takes a name or an address alone, such as 203.0.113.7"},
		{"a port", []string{"--against", "203.0.113.7:8443"}, "--against 203.0.113.7:8443 is not allowed: it takes a name or an address alone, such as 203.0.113.7"},
		{"no domain", []string{"-c", "domainName=", "-c", "hostedZoneName=", "-c", "certificateArn="}, "context key domainName is not set: --against HOST says what to ask"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			stdout, stderr, code := kora(t, append([]string{"verify"}, test.args...)...)
			if code != misuse || stdout != "" || stderr != "kora: "+test.want+"\n" {
				t.Errorf("exit code %d, stdout %q, stderr %q", code, stdout, stderr)
			}
		})
	}
}
