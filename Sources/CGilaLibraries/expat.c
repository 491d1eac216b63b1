// expat: the functions that Gila calls.
#include "binding.h"

#define FUNCTIONS(F) \
  F(XML_ErrorString) F(XML_ExpatVersion) F(XML_ExpatVersionInfo) F(XML_ExternalEntityParserCreate) \
  F(XML_FreeContentModel) F(XML_GetBase) F(XML_GetCurrentByteIndex) F(XML_GetCurrentColumnNumber) \
  F(XML_GetCurrentLineNumber) F(XML_GetErrorCode) F(XML_GetFeatureList) F(XML_GetInputContext) \
  F(XML_GetSpecifiedAttributeCount) F(XML_Parse) F(XML_ParserCreate_MM) F(XML_ParserFree) \
  F(XML_SetAttlistDeclHandler) F(XML_SetBase) F(XML_SetCharacterDataHandler) F(XML_SetCommentHandler) \
  F(XML_SetDefaultHandler) F(XML_SetDefaultHandlerExpand) F(XML_SetElementDeclHandler) F(XML_SetElementHandler) \
  F(XML_SetEncoding) F(XML_SetEndCdataSectionHandler) F(XML_SetEndDoctypeDeclHandler) F(XML_SetEndElementHandler) \
  F(XML_SetEndNamespaceDeclHandler) F(XML_SetEntityDeclHandler) F(XML_SetExternalEntityRefHandler) \
  F(XML_SetHashSalt) F(XML_SetNotStandaloneHandler) F(XML_SetNotationDeclHandler) F(XML_SetParamEntityParsing) \
  F(XML_SetProcessingInstructionHandler) F(XML_SetReturnNSTriplet) F(XML_SetSkippedEntityHandler) \
  F(XML_SetStartCdataSectionHandler) F(XML_SetStartDoctypeDeclHandler) F(XML_SetStartElementHandler) \
  F(XML_SetStartNamespaceDeclHandler) F(XML_SetUnknownEncodingHandler) F(XML_SetUnparsedEntityDeclHandler) \
  F(XML_SetUserData) F(XML_SetXmlDeclHandler) F(XML_UseForeignDTD)

LIBRARY(gila_expat, FUNCTIONS, "libexpat.so.1")
