// Made by scripts/generate-unpopulated.py from Protos.

/// What JSON says of fields that hold nothing, as protobuf's Go library writes it with `EmitUnpopulated`.
package enum UnpopulatedFields {
    /// A message on each line: its name, then its fields as `name=default>message`. Without a default it is left out,
    /// as members of a oneof are; without a message it is a scalar.
    package static let table = #"""
        livekit.AcceptWhatsAppCallResponse room_name=""
        livekit.AgentDispatch id="" agent_name="" room="" metadata="" state=null>livekit.AgentDispatchState restart_policy="JRP_ON_FAILURE" deployment="" attributes={}
        livekit.AgentDispatchState jobs=[]>livekit.Job created_at="0" deleted_at="0"
        livekit.AliOSSUpload access_key="" secret="" region="" endpoint="" bucket=""
        livekit.AudioConfig capture_all=false routes=[]>livekit.AudioRoute
        livekit.AudioRoute track_id participant_identity participant_kind channel="AUDIO_CHANNEL_BOTH"
        livekit.AutoParticipantEgress preset advanced>livekit.EncodingOptions file_outputs=[]>livekit.EncodedFileOutput segment_outputs=[]>livekit.SegmentedFileOutput
        livekit.AutoTrackEgress filepath="" disable_manifest=false s3>livekit.S3Upload gcp>livekit.GCPUpload azure>livekit.AzureBlobUpload aliOSS>livekit.AliOSSUpload
        livekit.AzureBlobUpload account_name="" account_key="" container_name=""
        livekit.Codec mime="" fmtp_line=""
        livekit.ConnectTwilioCallResponse connect_url=""
        livekit.ConnectWhatsAppCallResponse
        livekit.DataTrackFrameEncoding well_known custom
        livekit.DataTrackInfo pub_handle=0 sid="" name="" encryption="NONE" frame_encoding>livekit.DataTrackFrameEncoding schema>livekit.DataTrackSchemaId
        livekit.DataTrackSchemaEncoding well_known custom
        livekit.DataTrackSchemaId name="" encoding=null>livekit.DataTrackSchemaEncoding
        livekit.DeleteRoomResponse
        livekit.DialWhatsAppCallResponse whatsapp_call_id="" room_name=""
        livekit.DirectFileOutput filepath="" disable_manifest=false s3>livekit.S3Upload gcp>livekit.GCPUpload azure>livekit.AzureBlobUpload aliOSS>livekit.AliOSSUpload
        livekit.DisconnectWhatsAppCallResponse
        livekit.EgressInfo egress_id="" room_id="" room_name="" source_type="EGRESS_SOURCE_TYPE_WEB" status="EGRESS_STARTING" started_at="0" ended_at="0" updated_at="0" egress>livekit.StartEgressRequest replay>livekit.ExportReplayRequest room_composite>livekit.RoomCompositeEgressRequest web>livekit.WebEgressRequest participant>livekit.ParticipantEgressRequest track_composite>livekit.TrackCompositeEgressRequest track>livekit.TrackEgressRequest stream_results=[]>livekit.StreamInfo file_results=[]>livekit.FileInfo segment_results=[]>livekit.SegmentsInfo image_results=[]>livekit.ImagesInfo error="" error_code=0 details="" manifest_location="" backup_storage_used=false retry_count=0 stream>livekit.StreamInfoList file>livekit.FileInfo segments>livekit.SegmentsInfo
        livekit.EncodedFileOutput file_type="DEFAULT_FILETYPE" filepath="" disable_manifest=false s3>livekit.S3Upload gcp>livekit.GCPUpload azure>livekit.AzureBlobUpload aliOSS>livekit.AliOSSUpload
        livekit.EncodingOptions width=0 height=0 depth=0 framerate=0 audio_codec="DEFAULT_AC" audio_bitrate=0 audio_frequency=0 video_codec="DEFAULT_VC" video_bitrate=0 key_frame_interval=0 audio_quality=0 video_quality=0
        livekit.ExportReplayRequest replay_id="" start_offset_ms="0" end_offset_ms="0" template>livekit.TemplateSource web>livekit.WebSource media>livekit.MediaSource preset advanced>livekit.EncodingOptions outputs=[]>livekit.Output storage=null>livekit.StorageConfig webhooks=[]>livekit.WebhookConfig
        livekit.FileInfo filename="" started_at="0" ended_at="0" duration="0" size="0" location=""
        livekit.FileOutput file_type="DEFAULT_FILETYPE" filepath="" disable_manifest=false
        livekit.FilterParams include_events=[] exclude_events=[]
        livekit.ForwardParticipantResponse
        livekit.GCPUpload credentials="" bucket="" proxy=null>livekit.ProxyConfig
        livekit.GetSIPInboundTrunkResponse trunk=null>livekit.SIPInboundTrunkInfo
        livekit.GetSIPOutboundTrunkResponse trunk=null>livekit.SIPOutboundTrunkInfo
        livekit.ImageOutput capture_interval=0 width=0 height=0 filename_prefix="" filename_suffix="IMAGE_SUFFIX_INDEX" image_codec="IC_DEFAULT" disable_manifest=false s3>livekit.S3Upload gcp>livekit.GCPUpload azure>livekit.AzureBlobUpload aliOSS>livekit.AliOSSUpload
        livekit.ImagesInfo filename_prefix="" image_count="0" started_at="0" ended_at="0"
        livekit.IngressAudioEncodingOptions audio_codec="DEFAULT_AC" bitrate=0 disable_dtx=false channels=0
        livekit.IngressAudioOptions name="" source="UNKNOWN" preset options>livekit.IngressAudioEncodingOptions
        livekit.IngressInfo ingress_id="" name="" stream_key="" url="" input_type="RTMP_INPUT" bypass_transcoding=false enable_transcoding audio=null>livekit.IngressAudioOptions video=null>livekit.IngressVideoOptions room_name="" participant_identity="" participant_name="" participant_metadata="" reusable=false state=null>livekit.IngressState enabled
        livekit.IngressState status="ENDPOINT_INACTIVE" error="" video=null>livekit.InputVideoState audio=null>livekit.InputAudioState room_id="" started_at="0" ended_at="0" updated_at="0" resource_id="" tracks=[]>livekit.TrackInfo
        livekit.IngressVideoEncodingOptions video_codec="DEFAULT_VC" frame_rate=0 layers=[]>livekit.VideoLayer
        livekit.IngressVideoOptions name="" source="UNKNOWN" preset options>livekit.IngressVideoEncodingOptions
        livekit.InputAudioState mime_type="" average_bitrate=0 channels=0 sample_rate=0
        livekit.InputVideoState mime_type="" average_bitrate=0 width=0 height=0 framerate=0
        livekit.Job id="" dispatch_id="" type="JT_ROOM" room=null>livekit.Room participant>livekit.ParticipantInfo namespace="" metadata="" agent_name="" state=null>livekit.JobState enable_recording=false deployment="" attributes={} enable_redaction=false
        livekit.JobState status="JS_PENDING" error="" started_at="0" ended_at="0" updated_at="0" participant_identity="" worker_id="" agent_id="" reason="JSR_UNSPECIFIED"
        livekit.ListAgentDispatchResponse agent_dispatches=[]>livekit.AgentDispatch
        livekit.ListEgressResponse items=[]>livekit.EgressInfo next_page_token=null>livekit.TokenPagination
        livekit.ListIngressResponse next_page_token=null>livekit.TokenPagination items=[]>livekit.IngressInfo
        livekit.ListParticipantsResponse participants=[]>livekit.ParticipantInfo
        livekit.ListRoomsResponse rooms=[]>livekit.Room
        livekit.ListSIPDispatchRuleResponse items=[]>livekit.SIPDispatchRuleInfo
        livekit.ListSIPInboundTrunkResponse items=[]>livekit.SIPInboundTrunkInfo
        livekit.ListSIPOutboundTrunkResponse items=[]>livekit.SIPOutboundTrunkInfo
        livekit.ListSIPTrunkResponse items=[]>livekit.SIPTrunkInfo
        livekit.MediaSource video_track_id participant_video>livekit.ParticipantVideo audio=null>livekit.AudioConfig
        livekit.MoveParticipantResponse
        livekit.MuteRoomTrackResponse track=null>livekit.TrackInfo
        livekit.Output file>livekit.FileOutput stream>livekit.StreamOutput segments>livekit.SegmentedFileOutput images>livekit.ImageOutput storage=null>livekit.StorageConfig
        livekit.ParticipantEgressRequest room_name="" identity="" screen_share=false preset advanced>livekit.EncodingOptions file_outputs=[]>livekit.EncodedFileOutput stream_outputs=[]>livekit.StreamOutput segment_outputs=[]>livekit.SegmentedFileOutput image_outputs=[]>livekit.ImageOutput webhooks=[]>livekit.WebhookConfig
        livekit.ParticipantInfo sid="" identity="" state="JOINING" tracks=[]>livekit.TrackInfo metadata="" joined_at="0" joined_at_ms="0" name="" version=0 permission=null>livekit.ParticipantPermission region="" is_publisher=false kind="STANDARD" attributes={} disconnect_reason="UNKNOWN_REASON" kind_details=[] data_tracks=[]>livekit.DataTrackInfo client_protocol=0 capabilities=[]
        livekit.ParticipantPermission can_subscribe=false can_publish=false can_publish_data=false can_publish_sources=[] hidden=false recorder=false can_update_metadata=false agent=false can_subscribe_metrics=false can_manage_agent_session=false
        livekit.ParticipantVideo identity="" prefer_screen_share=false
        livekit.PerformRpcResponse payload=""
        livekit.ProxyConfig url="" username="" password=""
        livekit.RemoveParticipantResponse
        livekit.Room sid="" name="" empty_timeout=0 departure_timeout=0 max_participants=0 creation_time="0" creation_time_ms="0" turn_password="" enabled_codecs=[]>livekit.Codec metadata="" num_participants=0 num_publishers=0 active_recording=false version=null>livekit.TimedVersion
        livekit.RoomAgentDispatch agent_name="" metadata="" restart_policy="JRP_ON_FAILURE" deployment="" attributes={}
        livekit.RoomCompositeEgressRequest room_name="" layout="" audio_only=false audio_mixing="DEFAULT_MIXING" video_only=false custom_base_url="" file>livekit.EncodedFileOutput stream>livekit.StreamOutput segments>livekit.SegmentedFileOutput preset advanced>livekit.EncodingOptions file_outputs=[]>livekit.EncodedFileOutput stream_outputs=[]>livekit.StreamOutput segment_outputs=[]>livekit.SegmentedFileOutput image_outputs=[]>livekit.ImageOutput webhooks=[]>livekit.WebhookConfig
        livekit.RoomConfiguration name="" empty_timeout=0 departure_timeout=0 max_participants=0 metadata="" egress=null>livekit.RoomEgress min_playout_delay=0 max_playout_delay=0 sync_streams=false agents=[]>livekit.RoomAgentDispatch tags={}
        livekit.RoomEgress room=null>livekit.RoomCompositeEgressRequest participant=null>livekit.AutoParticipantEgress tracks=null>livekit.AutoTrackEgress
        livekit.S3Upload access_key="" secret="" session_token="" assume_role_arn="" assume_role_external_id="" region="" endpoint="" bucket="" force_path_style=false metadata={} tagging="" content_disposition="" proxy=null>livekit.ProxyConfig
        livekit.SIPCodec name="" rate=0
        livekit.SIPDispatchRule dispatch_rule_direct>livekit.SIPDispatchRuleDirect dispatch_rule_individual>livekit.SIPDispatchRuleIndividual dispatch_rule_callee>livekit.SIPDispatchRuleCallee
        livekit.SIPDispatchRuleCallee room_prefix="" pin="" randomize=false
        livekit.SIPDispatchRuleDirect room_name="" pin=""
        livekit.SIPDispatchRuleIndividual room_prefix="" pin="" no_randomness=false
        livekit.SIPDispatchRuleInfo sip_dispatch_rule_id="" rule=null>livekit.SIPDispatchRule trunk_ids=[] hide_phone_number=false inbound_numbers=[] numbers=[] name="" metadata="" attributes={} room_preset="" room_config=null>livekit.RoomConfiguration media=null>livekit.SIPMediaConfig krisp_enabled=false media_encryption="SIP_MEDIA_ENCRYPT_DISABLE" created_at=null updated_at=null
        livekit.SIPInboundTrunkInfo sip_trunk_id="" name="" metadata="" numbers=[] allowed_addresses=[] allowed_numbers=[] auth_username="" auth_password="" auth_realm="" headers={} headers_to_attributes={} attributes_to_headers={} include_headers="SIP_NO_HEADERS" ringing_timeout=null ringing_timeout_status="SIP_STATUS_UNKNOWN" max_call_duration=null krisp_enabled=false media_encryption="SIP_MEDIA_ENCRYPT_DISABLE" media=null>livekit.SIPMediaConfig created_at=null updated_at=null
        livekit.SIPMediaConfig only_listed_codecs=false codecs=[]>livekit.SIPCodec encryption media_timeout
        livekit.SIPOutboundTrunkInfo sip_trunk_id="" name="" metadata="" address="" destination_country="" transport="SIP_TRANSPORT_AUTO" numbers=[] auth_username="" auth_password="" headers={} headers_to_attributes={} attributes_to_headers={} include_headers="SIP_NO_HEADERS" media_encryption="SIP_MEDIA_ENCRYPT_DISABLE" media=null>livekit.SIPMediaConfig from_host="" created_at=null updated_at=null
        livekit.SIPParticipantInfo participant_id="" participant_identity="" room_name="" sip_call_id=""
        livekit.SIPStatus code="SIP_STATUS_UNKNOWN" status=""
        livekit.SIPTrunkInfo sip_trunk_id="" kind="TRUNK_LEGACY" inbound_addresses=[] outbound_address="" outbound_number="" transport="SIP_TRANSPORT_AUTO" inbound_numbers_regex=[] inbound_numbers=[] inbound_username="" inbound_password="" outbound_username="" outbound_password="" name="" metadata=""
        livekit.SegmentedFileOutput protocol="DEFAULT_SEGMENTED_FILE_PROTOCOL" filename_prefix="" playlist_name="" live_playlist_name="" segment_duration=0 filename_suffix="INDEX" disable_manifest=false s3>livekit.S3Upload gcp>livekit.GCPUpload azure>livekit.AzureBlobUpload aliOSS>livekit.AliOSSUpload
        livekit.SegmentsInfo playlist_name="" live_playlist_name="" duration="0" size="0" playlist_location="" live_playlist_location="" segment_count="0" started_at="0" ended_at="0"
        livekit.SendDataResponse
        livekit.SimulcastCodecInfo mime_type="" mid="" cid="" layers=[]>livekit.VideoLayer video_layer_mode="MODE_UNUSED" sdp_cid=""
        livekit.StartEgressRequest room_name="" template>livekit.TemplateSource web>livekit.WebSource media>livekit.MediaSource preset advanced>livekit.EncodingOptions outputs=[]>livekit.Output storage=null>livekit.StorageConfig webhooks=[]>livekit.WebhookConfig
        livekit.StorageConfig s3>livekit.S3Upload gcp>livekit.GCPUpload azure>livekit.AzureBlobUpload aliOSS>livekit.AliOSSUpload
        livekit.StreamDestination id="" url=""
        livekit.StreamInfo url="" started_at="0" ended_at="0" duration="0" status="ACTIVE" error="" last_retry_at="0" retries=0 id=""
        livekit.StreamInfoList info=[]>livekit.StreamInfo
        livekit.StreamOutput protocol="DEFAULT_PROTOCOL" urls=[] destinations=[]>livekit.StreamDestination
        livekit.TemplateSource layout="" audio_only=false video_only=false custom_base_url=""
        livekit.TimedVersion unix_micro="0" ticks=0
        livekit.TokenPagination token=""
        livekit.TrackCompositeEgressRequest room_name="" audio_track_id="" video_track_id="" file>livekit.EncodedFileOutput stream>livekit.StreamOutput segments>livekit.SegmentedFileOutput preset advanced>livekit.EncodingOptions file_outputs=[]>livekit.EncodedFileOutput stream_outputs=[]>livekit.StreamOutput segment_outputs=[]>livekit.SegmentedFileOutput image_outputs=[]>livekit.ImageOutput webhooks=[]>livekit.WebhookConfig
        livekit.TrackEgressRequest room_name="" track_id="" file>livekit.DirectFileOutput websocket_url webhooks=[]>livekit.WebhookConfig
        livekit.TrackInfo sid="" type="AUDIO" name="" muted=false width=0 height=0 simulcast=false disable_dtx=false source="UNKNOWN" layers=[]>livekit.VideoLayer mime_type="" mid="" codecs=[]>livekit.SimulcastCodecInfo stereo=false disable_red=false encryption="NONE" stream="" version=null>livekit.TimedVersion audio_features=[] backup_codec_policy="PREFER_REGRESSION" packet_trailer_features=[]
        livekit.TransferSIPParticipantResponse transfer_id="" status="STS_TRANSFER_ONGOING" reason="STR_UNSPECIFIED" sip_status=null>livekit.SIPStatus
        livekit.UpdateSubscriptionsResponse
        livekit.VideoLayer quality="LOW" width=0 height=0 bitrate=0 ssrc=0 spatial_layer=0 rid="" repair_ssrc=0
        livekit.WebEgressRequest url="" audio_only=false video_only=false await_start_signal=false file>livekit.EncodedFileOutput stream>livekit.StreamOutput segments>livekit.SegmentedFileOutput preset advanced>livekit.EncodingOptions file_outputs=[]>livekit.EncodedFileOutput stream_outputs=[]>livekit.StreamOutput segment_outputs=[]>livekit.SegmentedFileOutput image_outputs=[]>livekit.ImageOutput webhooks=[]>livekit.WebhookConfig
        livekit.WebSource url="" audio_only=false video_only=false await_start_signal=false
        livekit.WebhookConfig url="" signing_key="" filter_params=null>livekit.FilterParams
        """#
}
