//go:build linux

package world

import (
	"math/rand/v2"
	"net"
	"strings"

	"github.com/miekg/dns"
)

// resolver is where the machine, and the certificate authority, ask for names.
const resolver = gateway + ":53"

// serveNames answers what State.Names says: addresses in no order, or that there is no such name. The fault of the service "names"
// refuses: SERVFAIL, as of a resolver that reaches nobody.
func (w *World) serveNames() error {
	socket, err := net.ListenPacket("udp", resolver)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", resolver)
	if err != nil {
		return err
	}
	handler := dns.HandlerFunc(w.answerName)
	for _, server := range []*dns.Server{{PacketConn: socket, Handler: handler}, {Listener: listener, Handler: handler}} {
		go func() { w.say(server.ActivateAndServe()) }()
	}
	return nil
}

func (w *World) answerName(wr dns.ResponseWriter, query *dns.Msg) {
	answer := new(dns.Msg).SetReply(query)
	state, question := w.read(), query.Question[0]
	addresses, known := state.Names[question.Name[:len(question.Name)-1]]
	switch {
	case state.Faults["names"].Refuse:
		answer.Rcode = dns.RcodeServerFailure
	case !known:
		answer.Rcode = dns.RcodeNameError
	case question.Qtype == dns.TypeA:
		header := dns.RR_Header{Name: question.Name, Rrtype: dns.TypeA, Class: dns.ClassINET}
		for _, address := range strings.Fields(addresses) {
			answer.Answer = append(answer.Answer, &dns.A{Hdr: header, A: net.ParseIP(address)})
		}
		rand.Shuffle(len(answer.Answer), func(i, j int) { answer.Answer[i], answer.Answer[j] = answer.Answer[j], answer.Answer[i] })
	}
	_ = wr.WriteMsg(answer) // whoever asked asks again
}
