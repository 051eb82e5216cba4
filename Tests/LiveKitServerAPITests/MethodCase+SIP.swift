import LiveKitCore
import LiveKitProtobuf
import SwiftProtobuf

@testable import LiveKitServerAPI

extension MethodCase {
    private static let admin = SIPGrant(admin: true)
    private static let caller = SIPGrant(call: true)

    static let trunks: [MethodCase] = [
        MethodCase(
            "SIP/CreateSIPInboundTrunk", nil, sip: admin,
            Livekit_CreateSIPInboundTrunkRequest.with { $0.trunk.name = "n" }
        ) { api in try await api.sip.createInboundTrunk(.with { $0.name = "n" }) },
        MethodCase(
            "SIP/CreateSIPOutboundTrunk", nil, sip: admin,
            Livekit_CreateSIPOutboundTrunkRequest.with { $0.trunk.name = "n" }
        ) { api in try await api.sip.createOutboundTrunk(.with { $0.name = "n" }) },
        MethodCase(
            "SIP/UpdateSIPInboundTrunk", nil, sip: admin,
            Livekit_UpdateSIPInboundTrunkRequest.with { $0.sipTrunkID = "ST_1" }
        ) { api in try await api.sip.updateInboundTrunk(.with { $0.sipTrunkID = "ST_1" }) },
        MethodCase(
            "SIP/UpdateSIPOutboundTrunk", nil, sip: admin,
            Livekit_UpdateSIPOutboundTrunkRequest.with { $0.sipTrunkID = "ST_1" }
        ) { api in try await api.sip.updateOutboundTrunk(.with { $0.sipTrunkID = "ST_1" }) },
        MethodCase(
            "SIP/GetSIPInboundTrunk", nil, sip: admin,
            Livekit_GetSIPInboundTrunkRequest.with { $0.sipTrunkID = "ST_1" }
        ) { _ = try await $0.sip.getInboundTrunk("ST_1") },
        MethodCase(
            "SIP/GetSIPOutboundTrunk", nil, sip: admin,
            Livekit_GetSIPOutboundTrunkRequest.with { $0.sipTrunkID = "ST_1" }
        ) { _ = try await $0.sip.getOutboundTrunk("ST_1") },
        MethodCase(
            "SIP/ListSIPInboundTrunk", nil, sip: admin,
            Livekit_ListSIPInboundTrunkRequest.with { $0.numbers = ["1"] }
        ) { api in _ = try await api.sip.listInboundTrunks { $0.numbers = ["1"] } },
        MethodCase(
            "SIP/ListSIPOutboundTrunk", nil, sip: admin,
            Livekit_ListSIPOutboundTrunkRequest.with { $0.numbers = ["1"] }
        ) { api in _ = try await api.sip.listOutboundTrunks { $0.numbers = ["1"] } },
        MethodCase(
            "SIP/DeleteSIPTrunk", nil, sip: admin, Livekit_DeleteSIPTrunkRequest.with { $0.sipTrunkID = "ST_1" }
        ) { try await $0.sip.deleteTrunk("ST_1") },
        MethodCase(
            "SIP/CreateSIPDispatchRule", nil, sip: admin,
            Livekit_CreateSIPDispatchRuleRequest.with { $0.name = "n" }
        ) { api in try await api.sip.createDispatchRule(.with { $0.name = "n" }) },
        MethodCase(
            "SIP/UpdateSIPDispatchRule", nil, sip: admin,
            Livekit_UpdateSIPDispatchRuleRequest.with { $0.sipDispatchRuleID = "SDR_1" }
        ) { api in try await api.sip.updateDispatchRule(.with { $0.sipDispatchRuleID = "SDR_1" }) },
        MethodCase(
            "SIP/ListSIPDispatchRule", nil, sip: admin,
            Livekit_ListSIPDispatchRuleRequest.with { $0.trunkIds = ["ST_1"] }
        ) { api in _ = try await api.sip.listDispatchRules { $0.trunkIds = ["ST_1"] } },
        MethodCase(
            "SIP/DeleteSIPDispatchRule", nil, sip: admin,
            Livekit_DeleteSIPDispatchRuleRequest.with { $0.sipDispatchRuleID = "SDR_1" }
        ) { try await $0.sip.deleteDispatchRule("SDR_1") },
    ]

    static let calls: [MethodCase] = [
        MethodCase(
            "SIP/CreateSIPParticipant", nil, sip: caller,
            Livekit_CreateSIPParticipantRequest.with { $0.sipCallTo = "1" }
        ) { api in try await api.sip.createParticipant(.with { $0.sipCallTo = "1" }) },
        MethodCase(
            "SIP/TransferSIPParticipant", VideoGrant(room: "r", roomAdmin: true), sip: caller,
            Livekit_TransferSIPParticipantRequest.with {
                $0.roomName = "r"
                $0.transferTo = "2"
            }
        ) { api in
            try await api.sip.transferParticipant(
                .with {
                    $0.roomName = "r"
                    $0.transferTo = "2"
                })
        },
    ]
}
