"""The table of attributes that must go, as data: PS3.15 Annex E, Table E.1-1.

One line an attribute: its tag, its action in the Basic Application Level Confidentiality Profile, its keyword, and what
each option of the profile would do instead. `x` in a tag is any digit (repeating groups). Private attributes, the
table's last row, are `workspace.deidentification.private`'s.

The actions are facts taken from the table in the package `dicom-anonymizer` 2.1.0 (BSD 3-Clause, Kitware), which states
edition 2026c; they were compared with the table in `innolitics/dicom-standard` (MIT, edition 2024e), from which the
columns of options are: no action differs where both have the attribute, and the 35 attributes that are newer than it
have no options here, so that nothing of them is ever kept. This is one file because it is one table.
"""

from __future__ import annotations

EDITION = "PS3.15 2026c"

TABLE = """\
0000,1000 X AffectedSOPInstanceUID uids=K
0000,1001 U RequestedSOPInstanceUID uids=K
0002,0003 U MediaStorageSOPInstanceUID uids=K
0004,1511 U ReferencedSOPInstanceUIDInFile uids=K
0008,0012 X/D InstanceCreationDate full-dates=K dates=C
0008,0013 X/Z/D InstanceCreationTime full-dates=K dates=C
0008,0014 U InstanceCreatorUID uids=K
0008,0015 X InstanceCoercionDateTime full-dates=K dates=C
0008,0017 U AcquisitionUID uids=K
0008,0018 U SOPInstanceUID uids=K
0008,0019 U PyramidUID uids=K
0008,0020 Z StudyDate full-dates=K dates=C
0008,0021 X/D SeriesDate full-dates=K dates=C
0008,0022 X/Z AcquisitionDate full-dates=K dates=C
0008,0023 Z/D ContentDate full-dates=K dates=C
0008,0024 X OverlayDate full-dates=K dates=C
0008,0025 X CurveDate full-dates=K dates=C
0008,002A X/Z/D AcquisitionDateTime full-dates=K dates=C
0008,0030 Z StudyTime full-dates=K dates=C
0008,0031 X/D SeriesTime full-dates=K dates=C
0008,0032 X/Z AcquisitionTime full-dates=K dates=C
0008,0033 Z/D ContentTime full-dates=K dates=C
0008,0034 X OverlayTime full-dates=K dates=C
0008,0035 X CurveTime full-dates=K dates=C
0008,0050 Z AccessionNumber
0008,0054 X RetrieveAETitle device=C
0008,0055 X StationAETitle device=C
0008,0058 U FailedSOPInstanceUIDList uids=K
0008,0080 X/Z/D InstitutionName institution=K
0008,0081 X InstitutionAddress institution=K
0008,0082 X/Z/D InstitutionCodeSequence institution=K
0008,0090 Z ReferringPhysicianName
0008,0092 X ReferringPhysicianAddress
0008,0094 X ReferringPhysicianTelephoneNumbers
0008,0096 X ReferringPhysicianIdentificationSequence
0008,009C Z ConsultingPhysicianName
0008,009D X ConsultingPhysicianIdentificationSequence
0008,0106 D ContextGroupVersion full-dates=K dates=C
0008,0107 D ContextGroupLocalVersion full-dates=K dates=C
0008,0201 X TimezoneOffsetFromUTC full-dates=K dates=C
0008,1000 X NetworkID device=C
0008,1010 X/Z/D StationName device=K
0008,1030 X StudyDescription descriptors=C
0008,103E X SeriesDescription descriptors=C
0008,1040 X InstitutionalDepartmentName institution=K
0008,1041 X InstitutionalDepartmentTypeCodeSequence institution=K
0008,1048 X PhysiciansOfRecord
0008,1049 X PhysiciansOfRecordIdentificationSequence
0008,1050 X PerformingPhysicianName
0008,1052 X PerformingPhysicianIdentificationSequence
0008,1060 X NameOfPhysiciansReadingStudy
0008,1062 X PhysiciansReadingStudyIdentificationSequence
0008,1070 X/Z/D OperatorsName
0008,1072 X/D OperatorIdentificationSequence
0008,1080 X AdmittingDiagnosesDescription descriptors=C
0008,1084 X AdmittingDiagnosesCodeSequence descriptors=C
0008,1088 X PyramidDescription descriptors=C
0008,1110 X/Z ReferencedStudySequence uids=K
0008,1111 X/Z/D ReferencedPerformedProcedureStepSequence uids=K
0008,1120 X ReferencedPatientSequence uids=K
0008,1140 X/Z/U* ReferencedImageSequence uids=K
0008,1155 U ReferencedSOPInstanceUID uids=K
0008,1195 U TransactionUID uids=K
0008,1301 X PrincipalDiagnosisCodeSequence
0008,1302 X PrimaryDiagnosisCodeSequence
0008,1303 X SecondaryDiagnosesCodeSequence
0008,1304 X HistologicalDiagnosesCodeSequence
0008,2111 X DerivationDescription descriptors=C
0008,2112 X/Z/U* SourceImageSequence uids=K
0008,3010 U IrradiationEventUID uids=K
0008,4000 X IdentifyingComments descriptors=C
0010,0010 Z PatientName
0010,0011 X PersonNamesToUseSequence
0010,0012 X NameToUse
0010,0013 X NameToUseComment
0010,0014 X ThirdPersonPronounsSequence
0010,0015 X PronounCodeSequence
0010,0016 X PronounComment
0010,0020 Z/D PatientID
0010,0021 X IssuerOfPatientID
0010,0030 Z PatientBirthDate
0010,0032 X PatientBirthTime
0010,0040 Z PatientSex patient=K
0010,0041 X GenderIdentitySequence
0010,0042 X SexParametersForClinicalUseCategoryComment
0010,0043 X SexParametersForClinicalUseCategorySequence
0010,0044 X GenderIdentityCodeSequence
0010,0045 X GenderIdentityComment
0010,0046 X SexParametersForClinicalUseCategoryCodeSequence
0010,0047 X SexParametersForClinicalUseCategoryReference
0010,0050 X PatientInsurancePlanCodeSequence
0010,0101 X PatientPrimaryLanguageCodeSequence
0010,0102 X PatientPrimaryLanguageModifierCodeSequence
0010,1000 X OtherPatientIDs
0010,1001 X OtherPatientNames
0010,1002 X OtherPatientIDsSequence
0010,1005 X PatientBirthName
0010,1010 X PatientAge patient=K
0010,1020 X PatientSize patient=K
0010,1030 X PatientWeight patient=K
0010,1040 X PatientAddress
0010,1050 X InsurancePlanIdentification
0010,1060 X PatientMotherBirthName
0010,1080 X MilitaryRank
0010,1081 X BranchOfService
0010,1090 X MedicalRecordLocator
0010,1100 X ReferencedPatientPhotoSequence
0010,2000 X MedicalAlerts descriptors=C
0010,2110 X Allergies patient=C descriptors=C
0010,2150 X CountryOfResidence
0010,2152 X RegionOfResidence
0010,2154 X PatientTelephoneNumbers
0010,2155 X PatientTelecomInformation
0010,2160 X EthnicGroup patient=K
0010,2161 X EthnicGroupCodeSequence
0010,2162 X EthnicGroups
0010,2180 X Occupation descriptors=C
0010,21A0 X SmokingStatus patient=K
0010,21B0 X AdditionalPatientHistory descriptors=C
0010,21C0 X PregnancyStatus patient=K
0010,21D0 X LastMenstrualDate full-dates=K dates=C
0010,21F0 X PatientReligiousPreference
0010,2203 X/Z PatientSexNeutered patient=K
0010,2297 X ResponsiblePerson
0010,2299 X ResponsibleOrganization
0010,4000 X PatientComments descriptors=C
0012,0010 D ClinicalTrialSponsorName
0012,0020 D ClinicalTrialProtocolID
0012,0021 Z ClinicalTrialProtocolName
0012,0022 X IssuerOfClinicalTrialProtocolID
0012,0023 X OtherClinicalTrialProtocolIDsSequence
0012,0030 Z ClinicalTrialSiteID institution=K
0012,0031 Z ClinicalTrialSiteName institution=K
0012,0032 X IssuerOfClinicalTrialSiteID
0012,0040 D ClinicalTrialSubjectID
0012,0041 X IssuerOfClinicalTrialSubjectID
0012,0042 D ClinicalTrialSubjectReadingID
0012,0043 X IssuerOfClinicalTrialSubjectReadingID
0012,0050 Z ClinicalTrialTimePointID
0012,0051 X ClinicalTrialTimePointDescription descriptors=C
0012,0055 X IssuerOfClinicalTrialTimePointID
0012,0060 Z ClinicalTrialCoordinatingCenterName institution=K
0012,0071 X ClinicalTrialSeriesID
0012,0072 X ClinicalTrialSeriesDescription descriptors=C
0012,0073 X IssuerOfClinicalTrialSeriesID
0012,0081 D ClinicalTrialProtocolEthicsCommitteeName institution=K
0012,0082 X ClinicalTrialProtocolEthicsCommitteeApprovalNumber
0012,0086 X EthicsCommitteeApprovalEffectivenessStartDate full-dates=K dates=C
0012,0087 X EthicsCommitteeApprovalEffectivenessEndDate full-dates=K dates=C
0014,407C X CalibrationTime device=K full-dates=K dates=C
0014,407E X CalibrationDate device=K full-dates=K dates=C
0016,002B X MakerNote descriptors=C
0016,004B X DeviceSettingDescription descriptors=C
0016,004D X CameraOwnerName
0016,004E X LensSpecification device=K
0016,004F X LensMake device=K
0016,0050 X LensModel device=K
0016,0051 X LensSerialNumber device=K
0016,0070 X GPSVersionID
0016,0071 X GPSLatitudeRef
0016,0072 X GPSLatitude
0016,0073 X GPSLongitudeRef
0016,0074 X GPSLongitude
0016,0075 X GPSAltitudeRef
0016,0076 X GPSAltitude
0016,0077 X GPSTimeStamp
0016,0078 X GPSSatellites
0016,0079 X GPSStatus
0016,007A X GPSMeasureMode
0016,007B X GPSDOP
0016,007C X GPSSpeedRef
0016,007D X GPSSpeed
0016,007E X GPSTrackRef
0016,007F X GPSTrack
0016,0080 X GPSImgDirectionRef
0016,0081 X GPSImgDirection
0016,0082 X GPSMapDatum
0016,0083 X GPSDestLatitudeRef
0016,0084 X GPSDestLatitude
0016,0085 X GPSDestLongitudeRef
0016,0086 X GPSDestLongitude
0016,0087 X GPSDestBearingRef
0016,0088 X GPSDestBearing
0016,0089 X GPSDestDistanceRef
0016,008A X GPSDestDistance
0016,008B X GPSProcessingMethod
0016,008C X GPSAreaInformation
0016,008D X GPSDateStamp full-dates=K dates=C
0016,008E X GPSDifferential
0018,0010 Z/D ContrastBolusAgent descriptors=C
0018,0027 X InterventionDrugStopTime full-dates=K dates=C
0018,0035 X InterventionDrugStartTime full-dates=K dates=C
0018,1000 X/Z/D DeviceSerialNumber device=K
0018,1002 U DeviceUID uids=K device=K
0018,1004 X PlateID device=K
0018,1005 X GeneratorID device=K
0018,1007 X CassetteID device=K
0018,1008 X GantryID device=K
0018,1009 X UniqueDeviceIdentifier device=K
0018,100A X UDISequence device=K
0018,100B U ManufacturerDeviceClassUID uids=K device=K
0018,1010 X SecondaryCaptureDeviceID
0018,1011 X HardcopyCreationDeviceID
0018,1012 X DateOfSecondaryCapture full-dates=K dates=C
0018,1014 X TimeOfSecondaryCapture full-dates=K dates=C
0018,1030 X/D ProtocolName descriptors=C
0018,1042 X ContrastBolusStartTime full-dates=K dates=C
0018,1043 X ContrastBolusStopTime full-dates=K dates=C
0018,1072 X RadiopharmaceuticalStartTime full-dates=K dates=C
0018,1073 X RadiopharmaceuticalStopTime full-dates=K dates=C
0018,1078 X RadiopharmaceuticalStartDateTime full-dates=K dates=C
0018,1079 X RadiopharmaceuticalStopDateTime full-dates=K dates=C
0018,11BB D AcquisitionFieldOfViewLabel descriptors=C
0018,1200 X DateOfLastCalibration device=K full-dates=K dates=C
0018,1201 X TimeOfLastCalibration device=K full-dates=K dates=C
0018,1202 X DateTimeOfLastCalibration device=K full-dates=K dates=C
0018,1203 Z CalibrationDateTime device=K full-dates=K dates=C
0018,1204 X DateOfManufacture device=K full-dates=K dates=C
0018,1205 X DateOfInstallation device=K full-dates=K dates=C
0018,1400 X/D AcquisitionDeviceProcessingDescription descriptors=C
0018,2042 U TargetUID uids=K
0018,4000 X AcquisitionComments descriptors=C
0018,5011 X TransducerIdentificationSequence device=K
0018,700A X/D DetectorID device=K
0018,700C X/D DateOfLastDetectorCalibration device=K full-dates=K dates=C
0018,700E X/D TimeOfLastDetectorCalibration device=K full-dates=K dates=C
0018,9074 D FrameAcquisitionDateTime full-dates=K dates=C
0018,9151 D FrameReferenceDateTime full-dates=K dates=C
0018,9185 X RespiratoryMotionCompensationTechniqueDescription descriptors=C
0018,9367 D XRaySourceID device=K
0018,9369 D SourceStartDateTime full-dates=K dates=C
0018,936A D SourceEndDateTime full-dates=K dates=C
0018,9371 D XRayDetectorID device=K
0018,9373 X XRayDetectorLabel device=K
0018,937B X MultienergyAcquisitionDescription descriptors=C
0018,937F X DecompositionDescription descriptors=C
0018,9424 X AcquisitionProtocolDescription descriptors=C
0018,9516 X/D StartAcquisitionDateTime full-dates=K dates=C
0018,9517 X/D EndAcquisitionDateTime full-dates=K dates=C
0018,9623 D FunctionalSyncPulse full-dates=K dates=C
0018,9701 D DecayCorrectionDateTime full-dates=K dates=C
0018,9804 D ExclusionStartDateTime full-dates=K dates=C
0018,9919 Z/D InstructionPerformedDateTime full-dates=K dates=C
0018,9937 X RequestedSeriesDescription descriptors=C
0018,A002 X ContributionDateTime full-dates=K dates=C
0018,A003 X ContributionDescription descriptors=C
0020,000D U StudyInstanceUID uids=K
0020,000E U SeriesInstanceUID uids=K
0020,0010 Z StudyID
0020,0027 X PyramidLabel descriptors=C
0020,0052 U FrameOfReferenceUID uids=K
0020,0200 U SynchronizationFrameOfReferenceUID uids=K
0020,3401 X ModifyingDeviceID device=K
0020,3403 X ModifiedImageDate full-dates=K dates=C
0020,3405 X ModifiedImageTime full-dates=K dates=C
0020,3406 X ModifiedImageDescription
0020,4000 X ImageComments descriptors=C
0020,9158 X FrameComments descriptors=C
0020,9161 U ConcatenationUID uids=K
0020,9164 U DimensionOrganizationUID uids=K
0028,1199 U PaletteColorLookupTableUID uids=K
0028,1214 U LargePaletteColorLookupTableUID uids=K
0028,4000 X ImagePresentationComments
0032,0012 X StudyIDIssuer
0032,0032 X StudyVerifiedDate full-dates=K dates=C
0032,0033 X StudyVerifiedTime full-dates=K dates=C
0032,0034 X StudyReadDate full-dates=K dates=C
0032,0035 X StudyReadTime full-dates=K dates=C
0032,1000 X ScheduledStudyStartDate full-dates=K dates=C
0032,1001 X ScheduledStudyStartTime full-dates=K dates=C
0032,1010 X ScheduledStudyStopDate full-dates=K dates=C
0032,1011 X ScheduledStudyStopTime full-dates=K dates=C
0032,1020 X ScheduledStudyLocation device=K
0032,1021 X ScheduledStudyLocationAETitle device=C
0032,1030 X ReasonForStudy descriptors=C
0032,1032 X RequestingPhysician
0032,1033 X RequestingService
0032,1040 X StudyArrivalDate full-dates=K dates=C
0032,1041 X StudyArrivalTime full-dates=K dates=C
0032,1050 X StudyCompletionDate full-dates=K dates=C
0032,1051 X StudyCompletionTime full-dates=K dates=C
0032,1060 X/Z RequestedProcedureDescription descriptors=C
0032,1066 X ReasonForVisit descriptors=C
0032,1067 X ReasonForVisitCodeSequence descriptors=C
0032,1070 X RequestedContrastAgent descriptors=C
0032,4000 X StudyComments descriptors=C
0034,0001 D FlowIdentifierSequence
0034,0002 D FlowIdentifier
0034,0005 D SourceIdentifier
0034,0007 D FrameOriginTimestamp full-dates=K dates=C
0038,0004 X ReferencedPatientAliasSequence
0038,0010 X AdmissionID
0038,0011 X IssuerOfAdmissionID
0038,0014 X IssuerOfAdmissionIDSequence
0038,001A X ScheduledAdmissionDate full-dates=K dates=C
0038,001B X ScheduledAdmissionTime full-dates=K dates=C
0038,001C X ScheduledDischargeDate full-dates=K dates=C
0038,001D X ScheduledDischargeTime full-dates=K dates=C
0038,001E X ScheduledPatientInstitutionResidence
0038,0020 X AdmittingDate full-dates=K dates=C
0038,0021 X AdmittingTime full-dates=K dates=C
0038,0030 X DischargeDate full-dates=K dates=C
0038,0032 X DischargeTime full-dates=K dates=C
0038,0040 X DischargeDiagnosisDescription descriptors=C
0038,0050 X SpecialNeeds patient=C
0038,0060 X ServiceEpisodeID
0038,0061 X IssuerOfServiceEpisodeID
0038,0062 X ServiceEpisodeDescription descriptors=C
0038,0064 X IssuerOfServiceEpisodeIDSequence
0038,0300 X CurrentPatientLocation
0038,0400 X PatientInstitutionResidence
0038,0500 X PatientState patient=C descriptors=C
0038,4000 X VisitComments descriptors=C
003A,0020 X MultiplexGroupLabel
003A,0203 X ChannelLabel
003A,020C X ChannelDerivationDescription
003A,0310 U MultiplexGroupUID uids=K
003A,0314 D ImpedanceMeasurementDateTime full-dates=K dates=C
003A,0329 X WaveformFilterDescription descriptors=C
003A,032B X FilterLookupTableDescription descriptors=C
0040,0001 X ScheduledStationAETitle device=C
0040,0002 X ScheduledProcedureStepStartDate full-dates=K dates=C
0040,0003 X ScheduledProcedureStepStartTime full-dates=K dates=C
0040,0004 X ScheduledProcedureStepEndDate full-dates=K dates=C
0040,0005 X ScheduledProcedureStepEndTime full-dates=K dates=C
0040,0006 X ScheduledPerformingPhysicianName
0040,0007 X ScheduledProcedureStepDescription descriptors=C
0040,0009 X ScheduledProcedureStepID
0040,000B X ScheduledPerformingPhysicianIdentificationSequence
0040,0010 X ScheduledStationName device=K
0040,0011 X ScheduledProcedureStepLocation device=K
0040,0012 X PreMedication patient=C
0040,0241 X PerformedStationAETitle device=C
0040,0242 X PerformedStationName device=K
0040,0243 X PerformedLocation
0040,0244 X PerformedProcedureStepStartDate full-dates=K dates=C
0040,0245 X PerformedProcedureStepStartTime full-dates=K dates=C
0040,0250 X PerformedProcedureStepEndDate full-dates=K dates=C
0040,0251 X PerformedProcedureStepEndTime full-dates=K dates=C
0040,0253 X PerformedProcedureStepID
0040,0254 X PerformedProcedureStepDescription descriptors=C
0040,0275 X RequestAttributesSequence descriptors=C
0040,0280 X CommentsOnThePerformedProcedureStep descriptors=C
0040,0310 X CommentsOnRadiationDose descriptors=C
0040,050A X SpecimenAccessionNumber
0040,0512 D ContainerIdentifier
0040,0513 Z IssuerOfTheContainerIdentifierSequence
0040,051A X ContainerDescription descriptors=C
0040,0551 D SpecimenIdentifier
0040,0554 U SpecimenUID uids=K
0040,0555 X/Z AcquisitionContextSequence structured=C
0040,0556 X AcquisitionContextDescription
0040,0562 Z IssuerOfTheSpecimenIdentifierSequence
0040,0600 X SpecimenShortDescription descriptors=C
0040,0602 X SpecimenDetailedDescription descriptors=C
0040,0610 Z SpecimenPreparationSequence structured=C
0040,06FA X SlideIdentifier
0040,1001 X RequestedProcedureID
0040,1002 X ReasonForTheRequestedProcedure descriptors=C
0040,1004 X PatientTransportArrangements
0040,1005 X RequestedProcedureLocation
0040,100A X ReasonForRequestedProcedureCodeSequence descriptors=C
0040,1010 X NamesOfIntendedRecipientsOfResults
0040,1011 X IntendedRecipientsOfResultsIdentificationSequence
0040,1101 D PersonIdentificationCodeSequence
0040,1102 X PersonAddress
0040,1103 X PersonTelephoneNumbers
0040,1104 X PersonTelecomInformation
0040,1400 X RequestedProcedureComments descriptors=C
0040,2001 X ReasonForTheImagingServiceRequest descriptors=C
0040,2004 X IssueDateOfImagingServiceRequest full-dates=K dates=C
0040,2005 X IssueTimeOfImagingServiceRequest full-dates=K dates=C
0040,2008 X OrderEnteredBy
0040,2009 X OrderEntererLocation
0040,2010 X OrderCallbackPhoneNumber
0040,2011 X OrderCallbackTelecomInformation
0040,2016 Z PlacerOrderNumberImagingServiceRequest
0040,2017 Z FillerOrderNumberImagingServiceRequest
0040,2400 X ImagingServiceRequestComments descriptors=C
0040,3001 X ConfidentialityConstraintOnPatientDataDescription
0040,4005 X ScheduledProcedureStepStartDateTime full-dates=K dates=C
0040,4008 X ScheduledProcedureStepExpirationDateTime full-dates=K dates=C
0040,4010 X ScheduledProcedureStepModificationDateTime full-dates=K dates=C
0040,4011 X ExpectedCompletionDateTime full-dates=K dates=C
0040,4023 U ReferencedGeneralPurposeScheduledProcedureStepTransactionUID uids=K
0040,4025 X ScheduledStationNameCodeSequence device=K
0040,4027 X ScheduledStationGeographicLocationCodeSequence device=K
0040,4028 X PerformedStationNameCodeSequence device=K
0040,4030 X PerformedStationGeographicLocationCodeSequence device=K
0040,4034 X ScheduledHumanPerformersSequence
0040,4035 X ActualHumanPerformersSequence
0040,4036 X HumanPerformerOrganization
0040,4037 X HumanPerformerName
0040,4050 X PerformedProcedureStepStartDateTime full-dates=K dates=C
0040,4051 X PerformedProcedureStepEndDateTime full-dates=K dates=C
0040,4052 X ProcedureStepCancellationDateTime full-dates=K dates=C
0040,A023 X FindingsGroupRecordingDateTrial full-dates=K dates=C
0040,A024 X FindingsGroupRecordingTimeTrial full-dates=K dates=C
0040,A027 D VerifyingOrganization
0040,A030 D VerificationDateTime full-dates=K dates=C
0040,A032 X/D ObservationDateTime full-dates=K dates=C
0040,A033 X ObservationStartDateTime full-dates=K dates=C
0040,A034 X EffectiveStartDateTime
0040,A035 X EffectiveStopDateTime
0040,A073 D VerifyingObserverSequence
0040,A075 D VerifyingObserverName
0040,A078 X AuthorObserverSequence
0040,A07A X ParticipantSequence
0040,A07C X CustodialOrganizationSequence
0040,A082 Z ParticipationDateTime full-dates=K dates=C
0040,A088 Z VerifyingObserverIdentificationCodeSequence
0040,A110 X DateOfDocumentOrVerbalTransactionTrial full-dates=K dates=C
0040,A112 X TimeOfDocumentCreationOrVerbalTransactionTrial full-dates=K dates=C
0040,A120 D DateTime full-dates=K dates=C
0040,A121 D Date full-dates=K dates=C
0040,A122 D Time full-dates=K dates=C
0040,A123 D PersonName
0040,A124 U UID
0040,A13A D ReferencedDateTime full-dates=K dates=C
0040,A171 U ObservationUID uids=K
0040,A172 U ReferencedObservationUIDTrial uids=K
0040,A192 X ObservationDateTrial full-dates=K dates=C
0040,A193 X ObservationTimeTrial full-dates=K dates=C
0040,A307 X CurrentObserverTrial
0040,A352 X VerbalSourceTrial
0040,A353 X AddressTrial
0040,A354 X TelephoneNumberTrial
0040,A358 X VerbalSourceIdentifierCodeSequenceTrial
0040,A402 U ObservationSubjectUIDTrial uids=K
0040,A730 D ContentSequence structured=C
0040,B020 X/D WaveformAnnotationSequence
0040,B034 X AnnotationDateTime
0040,B036 X SegmentDefinitionDateTime
0040,B03B X MontageName
0040,B03F X MontageChannelLabel
0040,DB06 X TemplateVersion full-dates=K dates=C
0040,DB07 X TemplateLocalVersion full-dates=K dates=C
0040,DB0C U TemplateExtensionOrganizationUID uids=K
0040,DB0D U TemplateExtensionCreatorUID uids=K
0040,E004 X HL7DocumentEffectiveTime full-dates=K dates=C
0040,E012 X DisplayURI
0042,0011 D EncapsulatedDocument
0044,0004 X ApprovalStatusDateTime full-dates=K dates=C
0044,000B X ProductExpirationDateTime full-dates=K dates=C
0044,0010 X SubstanceAdministrationDateTime full-dates=K dates=C
0044,0104 D AssertionDateTime full-dates=K dates=C
0044,0105 X AssertionExpirationDateTime full-dates=K dates=C
0050,001B X ContainerComponentID
0050,0020 X DeviceDescription device=K
0050,0021 X LongDeviceDescription descriptors=C
0062,0021 U TrackingUID uids=K
0064,0003 U SourceFrameOfReferenceUID uids=K
0068,6226 D EffectiveDateTime full-dates=K dates=C
0068,6270 D InformationIssueDateTime full-dates=K dates=C
006A,0003 D AnnotationGroupUID uids=K
006A,0005 D AnnotationGroupLabel descriptors=C
006A,0006 X AnnotationGroupDescription descriptors=C
0070,0001 D GraphicAnnotationSequence graphics=C
0070,0006 D UnformattedTextValue
0070,0082 X PresentationCreationDate full-dates=K dates=C
0070,0083 X PresentationCreationTime full-dates=K dates=C
0070,0084 Z/D ContentCreatorName
0070,0086 X ContentCreatorIdentificationCodeSequence
0070,031A U FiducialUID uids=K
0070,1101 U PresentationDisplayCollectionUID uids=K
0070,1102 U PresentationSequenceCollectionUID uids=K
0072,000A D HangingProtocolCreationDateTime full-dates=K dates=C
0072,005E D SelectorAEValue device=C
0072,005F D SelectorASValue patient=K
0072,0061 D SelectorDAValue full-dates=K dates=C
0072,0063 D SelectorDTValue full-dates=K dates=C
0072,0065 D SelectorOBValue
0072,0066 D SelectorLOValue descriptors=C
0072,0068 D SelectorLTValue descriptors=C
0072,006A D SelectorPNValue
0072,006B D SelectorTMValue full-dates=K dates=C
0072,006C D SelectorSHValue descriptors=C
0072,006D D SelectorUNValue
0072,006E D SelectorSTValue descriptors=C
0072,0070 D SelectorUTValue descriptors=C
0072,0071 D SelectorURValue
0074,1234 X ReceivingAE device=C
0074,1236 X RequestingAE device=C
0088,0140 U StorageMediaFileSetUID uids=K
0088,0200 X IconImageSequence
0088,0904 X TopicTitle
0088,0906 X TopicSubject
0088,0910 X TopicAuthor
0088,0912 X TopicKeywords
0100,0420 X SOPAuthorizationDateTime full-dates=K dates=C
0400,0100 U DigitalSignatureUID
0400,0105 D DigitalSignatureDateTime full-dates=K dates=C
0400,0115 D CertificateOfSigner
0400,0310 X CertifiedTimestamp full-dates=K dates=C
0400,0402 X ReferencedDigitalSignatureSequence
0400,0403 X ReferencedSOPInstanceMACSequence
0400,0404 X MAC
0400,0550 X ModifiedAttributesSequence
0400,0551 X NonconformingModifiedAttributesSequence
0400,0552 X NonconformingDataElementValue
0400,0561 X OriginalAttributesSequence
0400,0562 D AttributeModificationDateTime full-dates=K dates=C
0400,0563 D ModifyingSystem device=K
0400,0564 Z SourceOfPreviousValues institution=K
0400,0565 D ReasonForTheAttributeModification descriptors=C
0400,0600 X InstanceOriginStatus
2030,0020 X TextString
2100,0040 X CreationDate full-dates=K dates=C
2100,0050 X CreationTime full-dates=K dates=C
2100,0070 X Originator device=C
2100,0140 D DestinationAE device=C
2200,0002 X/Z LabelText descriptors=C
2200,0005 X/Z BarcodeValue
3002,0121 X PositionAcquisitionTemplateName descriptors=C
3002,0123 X PositionAcquisitionTemplateDescription descriptors=C
3006,0002 D StructureSetLabel descriptors=C
3006,0004 X StructureSetName descriptors=C
3006,0006 X StructureSetDescription descriptors=C
3006,0008 Z StructureSetDate full-dates=K dates=C
3006,0009 Z StructureSetTime full-dates=K dates=C
3006,0024 U ReferencedFrameOfReferenceUID uids=K
3006,0026 Z ROIName descriptors=C
3006,0028 X ROIDescription descriptors=C
3006,002D X ROIDateTime full-dates=K dates=C
3006,002E X ROIObservationDateTime full-dates=K dates=C
3006,0038 X ROIGenerationDescription descriptors=C
3006,004D X ROICreatorSequence
3006,004E X ROIInterpreterSequence
3006,0085 X ROIObservationLabel descriptors=C
3006,0088 X ROIObservationDescription descriptors=C
3006,00A6 Z ROIInterpreter
3006,00C2 U RelatedFrameOfReferenceUID uids=K
3008,0024 D TreatmentControlPointDate full-dates=K dates=C
3008,0025 D TreatmentControlPointTime full-dates=K dates=C
3008,0054 X/D FirstTreatmentDate full-dates=K dates=C
3008,0056 X/D MostRecentTreatmentDate full-dates=K dates=C
3008,0105 X/Z SourceSerialNumber device=K
3008,0162 D SafePositionExitDate full-dates=K dates=C
3008,0164 D SafePositionExitTime full-dates=K dates=C
3008,0166 D SafePositionReturnDate full-dates=K dates=C
3008,0168 D SafePositionReturnTime full-dates=K dates=C
3008,0250 X/D TreatmentDate full-dates=K dates=C
3008,0251 X/D TreatmentTime full-dates=K dates=C
300A,0002 D RTPlanLabel descriptors=C
300A,0003 X RTPlanName descriptors=C
300A,0004 X RTPlanDescription descriptors=C
300A,0006 X/D RTPlanDate full-dates=K dates=C
300A,0007 X/D RTPlanTime full-dates=K dates=C
300A,000B X TreatmentSites descriptors=C
300A,000E X PrescriptionDescription descriptors=C
300A,0013 U DoseReferenceUID uids=K
300A,0016 X DoseReferenceDescription descriptors=C
300A,0054 U TableTopPositionAlignmentUID
300A,0072 X FractionGroupDescription descriptors=C
300A,0083 U ReferencedDoseReferenceUID uids=K
300A,00B2 X/Z TreatmentMachineName device=K
300A,00C3 X BeamDescription descriptors=C
300A,00DD X BolusDescription descriptors=C
300A,0196 X FixationDeviceDescription descriptors=C
300A,01A6 X ShieldingDeviceDescription descriptors=C
300A,01B2 X SetupTechniqueDescription descriptors=C
300A,0216 X SourceManufacturer device=K
300A,022C D SourceStrengthReferenceDate full-dates=K dates=C
300A,022E D SourceStrengthReferenceTime full-dates=K dates=C
300A,02EB X CompensatorDescription descriptors=C
300A,0608 D TreatmentPositionGroupLabel descriptors=C
300A,0609 U TreatmentPositionGroupUID uids=K
300A,0611 Z RTAccessoryHolderSlotID
300A,0615 Z RTAccessoryDeviceSlotID
300A,0619 D RadiationDoseIdentificationLabel descriptors=C
300A,0623 D RadiationDoseInVivoMeasurementLabel descriptors=C
300A,062A D RTToleranceSetLabel descriptors=C
300A,0650 U PatientSetupUID uids=K
300A,0676 X EquipmentFrameOfReferenceDescription descriptors=C
300A,067C D RadiationGenerationModeLabel descriptors=C
300A,067D Z RadiationGenerationModeDescription descriptors=C
300A,0700 U TreatmentSessionUID uids=K
300A,0734 D TreatmentToleranceViolationDescription descriptors=C
300A,0736 D TreatmentToleranceViolationDateTime full-dates=K dates=C
300A,073A D RecordedRTControlPointDateTime full-dates=K dates=C
300A,0741 D InterlockDateTime full-dates=K dates=C
300A,0742 D InterlockDescription descriptors=C
300A,0760 D OverrideDateTime full-dates=K dates=C
300A,0783 D InterlockOriginDescription descriptors=C
300A,0785 U ReferencedTreatmentPositionGroupUID uids=K
300A,078E X PatientTreatmentPreparationProcedureParameterDescription descriptors=C
300A,0792 X PatientTreatmentPreparationMethodDescription descriptors=C
300A,0794 X PatientSetupPhotoDescription descriptors=C
300A,079A X DisplacementReferenceLabel descriptors=C
300C,0113 X ReasonForOmissionDescription descriptors=C
300C,0127 D BeamHoldTransitionDateTime device=K full-dates=K dates=C
300E,0004 Z ReviewDate full-dates=K dates=C
300E,0005 Z ReviewTime full-dates=K dates=C
300E,0008 X/Z ReviewerName
3010,0006 U ConceptualVolumeUID uids=K
3010,000B U ReferencedConceptualVolumeUID uids=K
3010,000F Z ConceptualVolumeCombinationDescription descriptors=C
3010,0013 U ConstituentConceptualVolumeUID uids=K
3010,0015 U SourceConceptualVolumeUID uids=K
3010,0017 Z ConceptualVolumeDescription descriptors=C
3010,001B Z DeviceAlternateIdentifier
3010,002D D DeviceLabel device=K
3010,0031 U ReferencedFiducialsUID uids=K
3010,0033 D UserContentLabel descriptors=C
3010,0034 D UserContentLongLabel descriptors=C
3010,0035 D EntityLabel descriptors=C
3010,0036 X EntityName descriptors=C
3010,0037 X EntityDescription descriptors=C
3010,0038 D EntityLongLabel descriptors=C
3010,003B U RTTreatmentPhaseUID uids=K
3010,0043 Z ManufacturerDeviceIdentifier device=K
3010,004C X/D IntendedPhaseStartDate full-dates=K dates=C
3010,004D X/D IntendedPhaseEndDate full-dates=K dates=C
3010,0054 D RTPrescriptionLabel descriptors=C
3010,0056 X/D RTTreatmentApproachLabel descriptors=C
3010,005A Z RTPhysicianIntentNarrative descriptors=C
3010,005C Z ReasonForSuperseding descriptors=C
3010,0061 X PriorTreatmentDoseDescription descriptors=C
3010,006E U DosimetricObjectiveUID uids=K
3010,006F U ReferencedDosimetricObjectiveUID uids=K
3010,0077 X/D TreatmentSite descriptors=C
3010,007A Z TreatmentTechniqueNotes descriptors=C
3010,007B Z PrescriptionNotes descriptors=C
3010,007F Z FractionationNotes descriptors=C
3010,0081 Z PrescriptionNotesSequence descriptors=C
3010,0085 X IntendedFractionStartTime full-dates=K dates=C
4000,0010 X Arbitrary
4000,4000 X TextComments
4008,0040 X ResultsID
4008,0042 X ResultsIDIssuer
4008,0100 X InterpretationRecordedDate full-dates=K dates=C
4008,0101 X InterpretationRecordedTime full-dates=K dates=C
4008,0102 X InterpretationRecorder
4008,0108 X InterpretationTranscriptionDate full-dates=K dates=C
4008,0109 X InterpretationTranscriptionTime full-dates=K dates=C
4008,010A X InterpretationTranscriber
4008,010B X InterpretationText descriptors=C
4008,010C X InterpretationAuthor
4008,0111 X InterpretationApproverSequence
4008,0112 X InterpretationApprovalDate full-dates=K dates=C
4008,0113 X InterpretationApprovalTime full-dates=K dates=C
4008,0114 X PhysicianApprovingInterpretation
4008,0115 X InterpretationDiagnosisDescription descriptors=C
4008,0118 X ResultsDistributionListSequence
4008,0119 X DistributionName
4008,011A X DistributionAddress
4008,0200 X InterpretationID
4008,0202 X InterpretationIDIssuer
4008,0300 X Impressions descriptors=C
4008,4000 X ResultsComments descriptors=C
50xx,xxxx X CurveData graphics=C
60xx,3000 X OverlayData graphics=C
60xx,4000 X OverlayComments graphics=C
FFFA,FFFA X DigitalSignaturesSequence
FFFC,FFFC X DataSetTrailingPadding
"""
