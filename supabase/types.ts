// Made by `make types` from the migrations; do not edit.

export type Json = string | number | boolean | null | { [key: string]: Json | undefined } | Json[];

export type Database = {
  "public": {
    Tables: {
      "calendar_connections": {
        Row: {
          "access_token_expires_at": string | null;
          "account_id": string | null;
          "account_label": string | null;
          "calendar_id": string;
          "connected_at": string;
          "last_error_code": string | null;
          "last_sync_at": string | null;
          "provider": string;
          "scopes": (string)[];
          "sealed_access_token": string;
          "sealed_refresh_token": string;
          "status": string;
          "updated_at": string;
          "user_id": string;
        };
        ComputedFields: never;
        Insert: {
          "access_token_expires_at"?: string | null;
          "account_id"?: string | null;
          "account_label"?: string | null;
          "calendar_id": string;
          "connected_at"?: string;
          "last_error_code"?: string | null;
          "last_sync_at"?: string | null;
          "provider": string;
          "scopes": (string)[];
          "sealed_access_token": string;
          "sealed_refresh_token": string;
          "status"?: string;
          "updated_at"?: string;
          "user_id"?: string;
        };
        Update: {
          "access_token_expires_at"?: string | null;
          "account_id"?: string | null;
          "account_label"?: string | null;
          "calendar_id"?: string;
          "connected_at"?: string;
          "last_error_code"?: string | null;
          "last_sync_at"?: string | null;
          "provider"?: string;
          "scopes"?: (string)[];
          "sealed_access_token"?: string;
          "sealed_refresh_token"?: string;
          "status"?: string;
          "updated_at"?: string;
          "user_id"?: string;
        };
        Relationships: [];
      };
      "calendar_oauth_states": {
        Row: {
          "expires_at": string;
          "provider": string;
          "sealed_verifier": string;
          "state_hash": string;
          "user_id": string;
        };
        ComputedFields: never;
        Insert: {
          "expires_at"?: string;
          "provider": string;
          "sealed_verifier": string;
          "state_hash": string;
          "user_id"?: string;
        };
        Update: {
          "expires_at"?: string;
          "provider"?: string;
          "sealed_verifier"?: string;
          "state_hash"?: string;
          "user_id"?: string;
        };
        Relationships: [];
      };
      "users": {
        Row: {
          "calendar_connected": boolean;
          "created_at": string;
          "id": string;
        };
        ComputedFields: never;
        Insert: {
          "calendar_connected"?: boolean;
          "created_at"?: string;
          "id": string;
        };
        Update: {
          "calendar_connected"?: boolean;
          "created_at"?: string;
          "id"?: string;
        };
        Relationships: [];
      };
    };
    Views: {
      "calendar_connection_details": {
        Row: {
          "access_token_expires_at": string | null;
          "account_id": string | null;
          "account_label": string | null;
          "calendar_id": string;
          "connected_at": string;
          "last_error_code": string | null;
          "last_sync_at": string | null;
          "provider": string;
          "scopes": (string)[];
          "status": string;
          "updated_at": string;
          "user_id": string;
        };
        ComputedFields: never;
        Insert: {
          "access_token_expires_at"?: string | null;
          "account_id"?: string | null;
          "account_label"?: string | null;
          "calendar_id"?: string | null;
          "connected_at"?: string | null;
          "last_error_code"?: string | null;
          "last_sync_at"?: string | null;
          "provider"?: string | null;
          "scopes"?: (string)[] | null;
          "status"?: string | null;
          "updated_at"?: string | null;
          "user_id"?: string | null;
        };
        Update: {
          "access_token_expires_at"?: string | null;
          "account_id"?: string | null;
          "account_label"?: string | null;
          "calendar_id"?: string | null;
          "connected_at"?: string | null;
          "last_error_code"?: string | null;
          "last_sync_at"?: string | null;
          "provider"?: string | null;
          "scopes"?: (string)[] | null;
          "status"?: string | null;
          "updated_at"?: string | null;
          "user_id"?: string | null;
        };
        Relationships: [];
      };
    };
    Functions: {
      "calendar_disconnect": {
        Args: { "p_provider"?: string; "p_user_id": string };
        Returns: Json;
      };
      "calendar_list_connections": { Args: { "p_user_id": string }; Returns: Json };
      "calendar_open_state": {
        Args: {
          "p_provider": string;
          "p_sealed_verifier": string;
          "p_state_hash": string;
          "p_user_id": string;
        };
        Returns: string;
      };
      "calendar_save_connection": {
        Args: {
          "p_access_token_expires_at": string;
          "p_account_id": string;
          "p_account_label": string;
          "p_calendar_id": string;
          "p_provider": string;
          "p_scopes": (string)[];
          "p_sealed_access_token": string;
          "p_sealed_refresh_token": string;
          "p_user_id": string;
        };
        Returns: Json;
      };
      "calendar_take_state": {
        Args: { "p_state_hash": string; "p_user_id": string };
        Returns: {
          "live": boolean;
          "provider": string;
          "sealed_verifier": string;
        }[];
      };
    };
    Enums: {
      [_ in never]: never;
    };
    CompositeTypes: {
      [_ in never]: never;
    };
  };
};

type DatabaseWithoutInternals = Omit<Database, "__InternalSupabase">;

type DefaultSchema = DatabaseWithoutInternals[Extract<keyof Database, "public">];

export type Tables<
  DefaultSchemaTableNameOrOptions extends
    | keyof (DefaultSchema["Tables"] & DefaultSchema["Views"])
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  } ? keyof (
      & DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
      & DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Views"]
    )
    : never = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals } ? (
    & DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
    & DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Views"]
  )[TableName] extends {
    Row: infer R;
  } ? R
  : never
  : DefaultSchemaTableNameOrOptions extends keyof (DefaultSchema["Tables"] & DefaultSchema["Views"])
    ? (DefaultSchema["Tables"] & DefaultSchema["Views"])[DefaultSchemaTableNameOrOptions] extends {
      Row: infer R;
    } ? R
    : never
  : never;

export type TablesInsert<
  DefaultSchemaTableNameOrOptions extends
    | keyof DefaultSchema["Tables"]
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  } ? keyof DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
    : never = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"][TableName] extends
    {
      Insert: infer I;
    } ? I
  : never
  : DefaultSchemaTableNameOrOptions extends keyof DefaultSchema["Tables"]
    ? DefaultSchema["Tables"][DefaultSchemaTableNameOrOptions] extends {
      Insert: infer I;
    } ? I
    : never
  : never;

export type TablesUpdate<
  DefaultSchemaTableNameOrOptions extends
    | keyof DefaultSchema["Tables"]
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  } ? keyof DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
    : never = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"][TableName] extends
    {
      Update: infer U;
    } ? U
  : never
  : DefaultSchemaTableNameOrOptions extends keyof DefaultSchema["Tables"]
    ? DefaultSchema["Tables"][DefaultSchemaTableNameOrOptions] extends {
      Update: infer U;
    } ? U
    : never
  : never;

export type Enums<
  DefaultSchemaEnumNameOrOptions extends
    | keyof DefaultSchema["Enums"]
    | { schema: keyof DatabaseWithoutInternals },
  EnumName extends DefaultSchemaEnumNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  } ? keyof DatabaseWithoutInternals[DefaultSchemaEnumNameOrOptions["schema"]]["Enums"]
    : never = never,
> = DefaultSchemaEnumNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaEnumNameOrOptions["schema"]]["Enums"][EnumName]
  : DefaultSchemaEnumNameOrOptions extends keyof DefaultSchema["Enums"]
    ? DefaultSchema["Enums"][DefaultSchemaEnumNameOrOptions]
  : never;

export type CompositeTypes<
  PublicCompositeTypeNameOrOptions extends
    | keyof DefaultSchema["CompositeTypes"]
    | { schema: keyof DatabaseWithoutInternals },
  CompositeTypeName extends PublicCompositeTypeNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  } ? keyof DatabaseWithoutInternals[PublicCompositeTypeNameOrOptions["schema"]]["CompositeTypes"]
    : never = never,
> = PublicCompositeTypeNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[PublicCompositeTypeNameOrOptions["schema"]]["CompositeTypes"][
    CompositeTypeName
  ]
  : PublicCompositeTypeNameOrOptions extends keyof DefaultSchema["CompositeTypes"]
    ? DefaultSchema["CompositeTypes"][PublicCompositeTypeNameOrOptions]
  : never;

export const Constants = {
  "public": {
    Enums: {},
  },
} as const;
